//! Journeys over the whole: the table of contents.
