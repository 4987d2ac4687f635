//! The user a server runs as, and the folder it lives in.
//!
//! PostgreSQL and MariaDB refuse to run as root (containers often are root):
//! they get the user that their packages made. An ordinary user runs them as
//! itself.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::ServerError;

/// A temporary folder, and who works in it.
#[derive(Debug)]
pub(crate) struct Home {
    folder: TempDir,
    user: Option<&'static str>,
}

impl Home {
    /// A folder for a server that does not mind being root.
    pub(crate) fn new() -> Result<Self, ServerError> {
        let folder = tempfile::Builder::new()
            .prefix("cached-repo-")
            .tempdir()
            .map_err(ServerError::io("create a temporary folder"))?;
        Ok(Self { folder, user: None })
    }

    /// A folder that belongs to `user` if this process is root.
    pub(crate) fn of(user: &'static str) -> Result<Self, ServerError> {
        let home = Self::new()?;
        if !home
            .is_roots()
            .map_err(ServerError::io("look at a temporary folder"))?
        {
            return Ok(home);
        }
        home.give_to(user).map_err(ServerError::io(
            "give a temporary folder to the server's user",
        ))?;
        Ok(Self {
            user: Some(user),
            ..home
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The words to put before a command so that it runs as the right user.
    pub(crate) fn prefix(&self) -> Vec<String> {
        let Some(user) = self.user else {
            return Vec::new();
        };
        vec![
            "setpriv".to_owned(),
            format!("--reuid={user}"),
            format!("--regid={user}"),
            "--init-groups".to_owned(),
            "--reset-env".to_owned(),
        ]
    }

    /// The folder's owner is this process's user: the standard library does not
    /// tell otherwise.
    fn is_roots(&self) -> io::Result<bool> {
        Ok(self.path().metadata()?.uid() == 0)
    }

    fn give_to(&self, user: &str) -> io::Result<()> {
        let status = Command::new("chown")
            .arg(format!("{user}:"))
            .arg(self.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "no user `{user}`: the server's package makes it"
        )))
    }
}
