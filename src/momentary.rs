//! What is known for a while: asked when somebody needs it, and again when it is older.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// A value that is good for a while.
pub(crate) struct Momentary<T> {
    good: Duration,
    last: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Momentary<T> {
    /// One that is not known yet, and good for so long from when it is.
    pub(crate) const fn new(good: Duration) -> Self {
        Self { good, last: Mutex::const_new(None) }
    }

    /// What is known, or else what `ask` gives. One asks at a time, and those who wait for it take its answer. A failure
    /// is not kept.
    ///
    /// # Errors
    /// That of `ask`.
    pub(crate) async fn get<E>(&self, ask: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mut last = self.last.lock().await;
        match &*last {
            Some((at, known)) if at.elapsed() < self.good => Ok(known.clone()),
            _ => {
                let known = ask.await?;
                *last = Some((Instant::now(), known.clone()));
                Ok(known)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_kept_for_its_time_and_a_failure_for_none() {
        let hour = Momentary::new(Duration::from_secs(3600));
        assert_eq!(hour.get(async { Err::<u8, _>("away") }).await, Err("away"));
        assert_eq!(hour.get(async { Ok::<_, ()>(1) }).await, Ok(1));
        assert_eq!(hour.get(async { Ok::<_, ()>(2) }).await, Ok(1));
        let never = Momentary::new(Duration::ZERO);
        assert_eq!(never.get(async { Ok::<_, ()>(1) }).await, Ok(1));
        assert_eq!(never.get(async { Ok::<_, ()>(2) }).await, Ok(2));
    }
}
