//! Many files are judged on all cores, ahead of being told of; they are told of one after the other, in their order.

use std::{
    collections::BTreeMap,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

/// Files judged and not yet told of, for each core: enough that none waits, few enough that no number of files takes
/// more memory.
const AHEAD: usize = 2;

/// Says what was found about an item.
type Tell<'a, F, T, E> = dyn FnMut(usize, &F, Option<T>) -> Result<(), E> + 'a;

/// Calls `tell` for every item in order, with what `judge` found about its file; nothing for an item that is no file.
///
/// # Errors
/// The first error of `tell`; what comes after it is not told of.
pub(super) fn each<F, T: Send, E>(
    items: &[F],
    path: impl Fn(&F) -> Option<&Path>,
    judge: &(dyn Fn(&Path) -> T + Sync),
    tell: &mut Tell<'_, F, T, E>,
) -> Result<(), E> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let workers = cores.min(items.len());
    if workers < 2 {
        for (index, item) in items.iter().enumerate() {
            tell(index, item, path(item).map(judge))?;
        }
        return Ok(());
    }
    let (jobs, queue) = mpsc::channel::<(usize, PathBuf)>();
    let queue = Mutex::new(queue);
    let (done, results) = mpsc::channel::<(usize, Option<T>)>();
    thread::scope(|scope| {
        for _ in 0..workers {
            let (queue, done) = (&queue, done.clone());
            scope.spawn(move || work(queue, &done, judge));
        }
        // The workers end when this is gone.
        let jobs = jobs;
        let mut given = items.iter().map(&path).enumerate();
        let mut early = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let due = (index + AHEAD * workers).saturating_sub(given_before(&given, items.len()));
            for (next, file) in given.by_ref().take(due) {
                if let Some(file) = file {
                    let _ = jobs.send((next, file.to_owned()));
                }
            }
            let judged = path(item)
                .map(|file| wait(&results, &mut early, index).unwrap_or_else(|| judge(file)));
            tell(index, item, judged)?;
        }
        Ok(())
    })
}

/// How many items an iterator over all of them has given.
fn given_before(given: &impl ExactSizeIterator, all: usize) -> usize {
    all - given.len()
}

/// Takes files from the queue until there are no more.
fn work<T>(
    queue: &Mutex<mpsc::Receiver<(usize, PathBuf)>>,
    done: &mpsc::Sender<(usize, Option<T>)>,
    judge: &(dyn Fn(&Path) -> T + Sync),
) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((index, file)) = job else { return };
        // A panic shows where the file is told of: there it is judged once more.
        let judged = catch_unwind(AssertUnwindSafe(|| judge(&file))).ok();
        if done.send((index, judged)).is_err() {
            return;
        }
    }
}

/// The judgement of one file, whatever comes before it.
fn wait<T>(
    results: &mpsc::Receiver<(usize, Option<T>)>,
    early: &mut BTreeMap<usize, Option<T>>,
    wanted: usize,
) -> Option<T> {
    loop {
        if let Some(judged) = early.remove(&wanted) {
            return judged;
        }
        let (index, judged) = results.recv().ok()?;
        early.insert(index, judged);
    }
}

#[cfg(test)]
mod tests {
    use super::each;
    use std::path::{Path, PathBuf};

    #[test]
    fn files_are_told_of_in_their_order_and_each_once() {
        let items: Vec<Option<PathBuf>> = (0..500)
            .map(|number| (number % 7 != 0).then(|| PathBuf::from(number.to_string())))
            .collect();
        let judge = |file: &Path| file.to_string_lossy().into_owned();
        let mut told = Vec::new();
        let outcome: Result<(), ()> = each(
            &items,
            |item| item.as_deref(),
            &judge,
            &mut |index, item, judged| {
                assert_eq!(judged, item.as_deref().map(judge));
                told.push(index);
                Ok(())
            },
        );
        assert_eq!(outcome, Ok(()));
        assert_eq!(told, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_ends_it() {
        let items: Vec<PathBuf> = (0..50).map(|n| PathBuf::from(n.to_string())).collect();
        let mut told = 0;
        let outcome = each(
            &items,
            |item| Some(item.as_path()),
            &|_| (),
            &mut |index, _, _| {
                told += 1;
                if index == 3 { Err("full") } else { Ok(()) }
            },
        );
        assert_eq!((outcome, told), (Err("full"), 4));
    }
}
