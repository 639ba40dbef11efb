//! Pages as pixels and positioned text.
