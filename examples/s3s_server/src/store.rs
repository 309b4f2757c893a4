//! Buckets in memory.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use s3s::{s3_error, S3Result};
use tower_s3_cors::CorsPolicy;

#[derive(Clone, Default)]
pub struct Store(Arc<RwLock<HashMap<String, Bucket>>>);

#[derive(Default)]
pub struct Bucket {
    /// Compiled once, when it is written.
    pub policy: Option<CorsPolicy>,
    pub objects: HashMap<String, Bytes>,
}

impl Store {
    pub fn create(&self, name: String) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).entry(name).or_default();
    }

    pub fn read<T>(&self, name: &str, read: impl FnOnce(&Bucket) -> S3Result<T>) -> S3Result<T> {
        let buckets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        read(buckets.get(name).ok_or_else(|| s3_error!(NoSuchBucket))?)
    }

    pub fn write<T>(&self, name: &str, write: impl FnOnce(&mut Bucket) -> T) -> S3Result<T> {
        let mut buckets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Ok(write(buckets.get_mut(name).ok_or_else(|| s3_error!(NoSuchBucket))?))
    }
}
