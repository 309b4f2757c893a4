//! The buckets and their objects, in memory.

use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use axum::http::StatusCode;
use tower_s3_cors::CorsPolicy;

use crate::error::Error;
use crate::objects::Object;

/// S3's quota for an account.
const MAX_BUCKETS: usize = 10_000;
/// The limit of all objects together, in bytes.
const MAX_BYTES: usize = 256 * 1024 * 1024;
/// The bytes counted for each object besides its content: its key, its headers, its map entry.
const OVERHEAD: usize = 8 * 1024;

#[derive(Clone, Default)]
pub struct Buckets(Arc<RwLock<Store>>);

#[derive(Default)]
struct Store {
    buckets: BTreeMap<String, Bucket>,
    bytes: usize,
}

pub struct Bucket {
    pub created: SystemTime,
    pub policy: Option<CorsPolicy>,
    pub objects: BTreeMap<String, Object>,
}

impl Buckets {
    pub fn names(&self) -> Vec<(String, SystemTime)> {
        let store = self.shared();
        store.buckets.iter().map(|(name, bucket)| (name.clone(), bucket.created)).collect()
    }

    pub fn read<T>(&self, name: &str, read: impl FnOnce(&Bucket) -> T) -> Result<T, Error> {
        let store = self.shared();
        store.buckets.get(name).map(read).ok_or_else(|| Error::no_such_bucket(name))
    }

    pub fn write<T>(&self, name: &str, write: impl FnOnce(&mut Bucket) -> T) -> Result<T, Error> {
        let mut store = self.exclusive();
        store.buckets.get_mut(name).map(write).ok_or_else(|| Error::no_such_bucket(name))
    }

    /// Creates a bucket. Creating an existing one succeeds, as in us-east-1.
    pub fn create(&self, name: &str) -> Result<(), Error> {
        let buckets = &mut self.exclusive().buckets;
        let is_full = buckets.len() >= MAX_BUCKETS;
        match buckets.entry(name.to_owned()) {
            Entry::Occupied(_) => Ok(()),
            Entry::Vacant(_) if is_full => {
                let message = "You have attempted to create more buckets than allowed";
                Err(Error::new(StatusCode::BAD_REQUEST, "TooManyBuckets", message))
            }
            Entry::Vacant(vacant) => {
                vacant.insert(Bucket { created: SystemTime::now(), policy: None, objects: BTreeMap::new() });
                Ok(())
            }
        }
    }

    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let buckets = &mut self.exclusive().buckets;
        match buckets.get(name) {
            None => Err(Error::no_such_bucket(name)),
            Some(bucket) if !bucket.objects.is_empty() => {
                let message = "The bucket you tried to delete is not empty";
                Err(Error::new(StatusCode::CONFLICT, "BucketNotEmpty", message).with("BucketName", name))
            }
            Some(_) => {
                buckets.remove(name);
                Ok(())
            }
        }
    }

    pub fn put_object(&self, name: &str, key: &str, object: Object) -> Result<(), Error> {
        let Store { buckets, bytes } = &mut *self.exclusive();
        let bucket = buckets.get_mut(name).ok_or_else(|| Error::no_such_bucket(name))?;
        let before = bucket.objects.get(key).map_or(0, counted_size);
        let after = *bytes - before + counted_size(&object);
        if after > MAX_BYTES {
            let message = "Service is unable to handle request.";
            return Err(Error::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message));
        }
        *bytes = after;
        bucket.objects.insert(key.to_owned(), object);
        Ok(())
    }

    pub fn remove_object(&self, name: &str, key: &str) -> Result<(), Error> {
        let Store { buckets, bytes } = &mut *self.exclusive();
        let bucket = buckets.get_mut(name).ok_or_else(|| Error::no_such_bucket(name))?;
        *bytes -= bucket.objects.remove(key).as_ref().map_or(0, counted_size);
        Ok(())
    }

    fn shared(&self) -> RwLockReadGuard<'_, Store> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn exclusive(&self) -> RwLockWriteGuard<'_, Store> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counted_size(object: &Object) -> usize {
    object.content.len() + OVERHEAD
}
