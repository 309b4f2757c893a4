//! The rules of the buckets: in memory for requests, in a folder for the next start, one XML file a bucket.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use tower_s3_cors::CorsPolicy;

use crate::target::is_bucket_name;

/// A file that is being written. One that a killed process left behind is removed at the start.
const UNFINISHED: &str = ".unfinished-";
const EXTENSION: &str = ".xml";

pub struct Rules {
    folder: PathBuf,
    stored: RwLock<HashMap<String, Stored>>,
    /// Held while a file changes, so that memory and folder change in the same order.
    writing: Mutex<()>,
}

#[derive(Clone)]
pub enum Stored {
    InForce(CorsPolicy),
    /// The file could not be read at the start: nothing is granted until rules are put or deleted.
    Faulty,
}

impl Rules {
    /// Reads the folder, which is created if it is missing. Reports files that cannot be used, one line for each fault.
    pub fn open(folder: &Path, report: impl Fn(String)) -> Result<Self, String> {
        let fail = |error| format!("cannot use the folder {}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(fail)?;
        let mut stored = HashMap::new();
        for entry in fs::read_dir(folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(UNFINISHED) {
                fs::remove_file(&path).map_err(fail)?;
            } else if let Some(bucket) = name.strip_suffix(EXTENSION).filter(|name| is_bucket_name(name)) {
                stored.insert(bucket.to_owned(), read(&path, bucket, &report));
            } else if !name.starts_with('.') {
                report(format!("{}: ignored, because it is not named BUCKET.xml", path.display()));
            }
        }
        Ok(Rules { folder: folder.to_owned(), stored: RwLock::new(stored), writing: Mutex::default() })
    }

    pub fn get(&self, bucket: &str) -> Option<Stored> {
        self.stored.read().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    /// The rules in force.
    pub fn policy(&self, bucket: &str) -> Option<CorsPolicy> {
        match self.get(bucket)? {
            Stored::InForce(policy) => Some(policy),
            Stored::Faulty => None,
        }
    }

    /// Replaces the rules. Once it returns, they survive a crash; before, the old ones do. It waits for the disk.
    pub fn put(&self, bucket: &str, policy: CorsPolicy) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = unfinished_file(&self.folder)?;
        file.write_all(policy.configuration().to_xml().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(self.path(bucket)?)?;
        sync_folder(&self.folder)?;
        self.exclusive(|stored| stored.insert(bucket.to_owned(), Stored::InForce(policy)));
        Ok(())
    }

    /// Removes the rules, if there are any. It waits for the disk.
    pub fn delete(&self, bucket: &str) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match fs::remove_file(self.path(bucket)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => sync_folder(&self.folder)?,
        }
        self.exclusive(|stored| stored.remove(bucket));
        Ok(())
    }

    fn path(&self, bucket: &str) -> io::Result<PathBuf> {
        if !is_bucket_name(bucket) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not the name of a bucket"));
        }
        Ok(self.folder.join(format!("{bucket}{EXTENSION}")))
    }

    fn exclusive<T>(&self, change: impl FnOnce(&mut HashMap<String, Stored>) -> T) -> T {
        change(&mut self.stored.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(path: &Path, bucket: &str, report: impl Fn(String)) -> Stored {
    match CorsPolicy::from_path(path) {
        Ok(policy) => Stored::InForce(policy),
        Err(error) => {
            report(error.to_string());
            report(format!("the bucket {bucket:?} grants nothing until its rules are put again"));
            Stored::Faulty
        }
    }
}

/// A new file in the same folder, since only within a file system is renaming atomic. It is as readable as others are:
/// `tempfile` alone would keep it from everyone else.
fn unfinished_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// The new name of a file is on disk only after its folder is. Windows cannot open a folder as a file.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
