//! Whether the content of a page can be decoded to its end: what cannot is drawn empty or in part, without a word.

use flate2::read::ZlibDecoder;
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::dict::keys::{CONTENTS, FILTER};
use hayro::hayro_syntax::object::{Array, Object, Stream};
use hayro::hayro_syntax::page::Page;
use std::io::{self, Read};

/// Streams of a page looked at; writers use one or a few, and editors add some.
const STREAMS: usize = 1_000;

/// Bytes decoded of one stream to see whether it ends well; the content of a map has 20 MB.
const DECODED: u64 = 64 * 1024 * 1024;

/// Every stream of the page's content is one and ends where it says.
pub(crate) fn is_whole(page: &Page<'_>) -> bool {
    if let Some(stream) = page.raw().get::<Stream<'_>>(CONTENTS) {
        return ends_well(&stream);
    }
    match page.raw().get::<Object<'_>>(CONTENTS) {
        // A page without content is empty, and meant to be.
        None | Some(Object::Null(_)) => true,
        Some(Object::Array(streams)) => all_end_well(&streams),
        Some(_) => false,
    }
}

fn all_end_well(streams: &Array<'_>) -> bool {
    let objects = streams.iter::<Object<'_>>().take(STREAMS);
    objects.into_iter().all(|object| match object {
        Object::Stream(stream) => ends_well(&stream),
        Object::Null(_) => true,
        _ => false,
    })
}

fn ends_well(stream: &Stream<'_>) -> bool {
    let named = match stream.dict().get::<Object<'_>>(FILTER) {
        Some(Object::Array(names)) => names.raw_iter().count(),
        Some(Object::Name(_)) => 1,
        _ => 0,
    };
    // hayro leaves out a filter that it does not know, and reads what is left as if it were the content.
    if stream.filters().len() != named {
        return false;
    }
    // hayro takes from a damaged Flate stream what it can; nothing tells that there was more.
    if stream.filters().as_slice() == [Filter::FlateDecode] {
        let data = stream.raw_data();
        let mut decoder = ZlibDecoder::new(data.as_ref()).take(DECODED);
        return data.is_empty() || io::copy(&mut decoder, &mut io::sink()).is_ok();
    }
    stream.decoded_data().is_ok()
}
