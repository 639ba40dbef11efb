//! REST client of the province.
