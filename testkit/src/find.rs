//! Where server programs are.

use std::env;
use std::path::{Path, PathBuf};

use crate::ServerError;

/// Folders that ordinary users often lack in `PATH`.
const MORE: [&str; 4] = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
];

/// Debian keeps each PostgreSQL version in a folder of its own here.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// A program, and the Debian package to advise when it is missing.
pub(crate) struct Program {
    /// Names under which it is known, best first.
    pub(crate) names: &'static [&'static str],
    /// The package that has it.
    pub(crate) package: &'static str,
}

impl Program {
    /// The name to show.
    pub(crate) fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }

    /// Its path.
    ///
    /// # Errors
    ///
    /// [`ServerError::NotFound`].
    pub(crate) fn locate(&self) -> Result<PathBuf, ServerError> {
        self.names
            .iter()
            .find_map(|name| find_program(name))
            .ok_or(ServerError::NotFound {
                program: self.name(),
                package: self.package,
            })
    }
}

/// Looks for a program by name in `PATH`, in PostgreSQL's own folders (newest
/// version first) and in the system's `sbin` folders.
#[must_use]
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(postgresql_folders())
        .chain(MORE.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| is_executable(candidate))
}

fn postgresql_folders() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(POSTGRESQL) else {
        return Vec::new();
    };
    let mut versions: Vec<_> = entries
        .flatten()
        .filter_map(|entry| Some((version(&entry.path())?, entry.path().join("bin"))))
        .collect();
    versions.sort_by(|left, right| right.0.total_cmp(&left.0));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// `15` of `/usr/lib/postgresql/15`; `9.6` existed too.
fn version(folder: &Path) -> Option<f32> {
    folder.file_name()?.to_str()?.parse().ok()
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
