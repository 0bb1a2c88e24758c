//! One look-up in flight at a time: whoever wants the same while it is under way waits for it, and gets its result or its
//! failure. Given up when nobody waits any more.

use std::sync::{Mutex, PoisonError};

use futures_util::future::{BoxFuture, FutureExt as _, WeakShared};

use crate::client::Error;

/// A look-up that several may wait for. `T` is cheap to clone.
pub(super) struct Flight<T>(Mutex<Option<WeakShared<Looking<T>>>>);

type Looking<T> = BoxFuture<'static, Result<T, Error>>;

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// Waits for the look-up that is under way, or begins one with `ask`.
    ///
    /// # Errors
    /// That of the look-up, to each that waits for it.
    pub(super) async fn join<F>(&self, ask: impl FnOnce() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let looking = {
            let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // One that has ended, and is held only by those who have not read it yet, is of the past.
            let joined = under_way.as_ref().and_then(WeakShared::upgrade).filter(|shared| shared.peek().is_none());
            joined.unwrap_or_else(|| {
                let shared = ask().boxed().shared();
                *under_way = shared.downgrade();
                shared
            })
        };
        looking.await
    }

    /// Whoever asks from now on asks anew: what is under way may have been answered before something that has happened.
    pub(super) fn part(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn all_that_wait_share_one_result_or_one_failure() {
        for fails in [false, true] {
            let (flight, asked, go) = (Flight::default(), AtomicUsize::new(0), Arc::new(Notify::new()));
            let ask = || {
                asked.fetch_add(1, Ordering::Relaxed);
                let go = go.clone();
                async move {
                    go.notified().await;
                    if fails { Err(Error::Setup("silent".into())) } else { Ok(7) }
                }
            };
            let opened = async {
                tokio::task::yield_now().await;
                go.notify_one();
            };
            let (a, b, c, ()) = tokio::join!(flight.join(ask), flight.join(ask), flight.join(ask), opened);
            for got in [a, b, c] {
                assert_eq!(got.is_err(), fails);
            }
            assert_eq!(asked.load(Ordering::Relaxed), 1);
            go.notify_one();
            let _ = flight.join(ask).await;
            assert_eq!(asked.load(Ordering::Relaxed), 2, "what has ended is not joined");
        }
    }

    #[tokio::test]
    async fn it_is_given_up_when_nobody_waits() {
        struct Dropped(Arc<AtomicUsize>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let (flight, dropped) = (Flight::<u8>::default(), Arc::new(AtomicUsize::new(0)));
        let ask = || {
            let guard = Dropped(dropped.clone());
            async move {
                let _guard = guard;
                std::future::pending().await
            }
        };
        let mut first = Box::pin(flight.join(ask));
        let mut second = Box::pin(flight.join(ask));
        assert!(futures_util::poll!(&mut first).is_pending() && futures_util::poll!(&mut second).is_pending());
        drop(first);
        assert!(futures_util::poll!(&mut second).is_pending());
        assert_eq!(dropped.load(Ordering::Relaxed), 0, "one still waits");
        drop(second);
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    }
}
