//! How a client ends: what it holds is let go of, and whoever asks it later is told.

use super::Client;
use crate::error::Error;
use crate::task;
use std::rc::Rc;

impl Client {
    /// Ends the client: its tasks fail with `ERR_CLOSED` when they are resumed. What it holds goes with the last clone, its
    /// tokens and the keys in its place at once.
    pub fn close(&self) {
        self.0.port.close();
        let mut kept = self.kept();
        kept.life.invalidate();
        kept.credentials.clear();
        kept.adopted.clear();
    }

    /// The error of whatever is asked of a client that was closed.
    pub fn closed(&self) -> Error {
        task::closed().with_provider(self.0.config.name)
    }

    /// Whether both are the same.
    pub fn is(&self, other: &Client) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Whether there are clones of it.
    pub fn is_shared(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }
}
