//! Where content lies: one blob for each version, under a random name, streamed in and out.

use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

// The type of the crate `bytes`, which the web server hands on.
use actix_web::web::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use url::Url;

use crate::platform::config::Config;
use crate::platform::problem::{Code, Problem};

/// Bytes written at a time.
const PART: usize = 1 << 20;
/// Parts on their way at once; with [`PART`] this bounds the memory of an upload.
const AT_ONCE: usize = 2;

/// How old a half-written file must be to be taken away at start.
const HALF_WRITTEN: Duration = Duration::from_hours(1);

/// Content on its way out.
pub type Content = BoxStream<'static, Result<Bytes, object_store::Error>>;

/// The store of all content.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

/// What was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
}

/// Why content cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The folder cannot be made.
    #[error("documents folder {path}: {source}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The address is no address.
    #[error("documents_url {0} is not an address")]
    Address(String),
    /// The store cannot be used, or its feature was not built in.
    #[error("documents store: {0}")]
    Store(#[from] object_store::Error),
}

impl Files {
    /// Opens the store: the folder, made if need be for the server's own user alone, or the one configured.
    pub fn open(config: &Config) -> Result<Self, FilesError> {
        match &config.documents_url {
            Some(address) => Self::elsewhere(address),
            None => Self::folder(&config.documents),
        }
    }

    /// A store of another kind, with its settings from the environment.
    fn elsewhere(address: &str) -> Result<Self, FilesError> {
        let url = Url::parse(address).map_err(|_| FilesError::Address(address.into()))?;
        let settings = std::env::vars().map(|(name, value)| (name.to_lowercase(), value));
        let (store, prefix) = object_store::parse_url_opts(&url, settings)?;
        Ok(Self { store: Arc::new(PrefixStore::new(store, prefix)) })
    }

    fn folder(path: &std::path::Path) -> Result<Self, FilesError> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|source| FilesError::Folder { path: path.into(), source })?;
        sweep(path);
        // A committed row must never name content that a power cut can still take away.
        let store = LocalFileSystem::new_with_prefix(path)?.with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Stores content as it comes. What is empty, too large or broken off leaves nothing behind.
    pub async fn put<S, B>(&self, name: &str, content: S, limit: u64) -> Result<Stored, Problem>
    where
        S: Stream<Item = Result<B, Problem>> + Unpin,
        B: AsRef<[u8]>,
    {
        let upload = self.store.put_multipart(&Path::from(name)).await.map_err(|error| refused(&error))?;
        let mut write = WriteMultipart::new_with_chunk_size(upload, PART);
        match pour(content, &mut write, limit).await {
            Ok(stored) => {
                write.finish().await.map_err(|error| refused(&error))?;
                Ok(stored)
            }
            Err(problem) => {
                if let Err(error) = write.abort().await {
                    tracing::warn!(%error, name, "a broken upload could not be taken away");
                }
                Err(problem)
            }
        }
    }

    /// Content as it was stored.
    pub async fn get(&self, name: &str) -> Result<Content, Problem> {
        let found = self.store.get(&Path::from(name)).await.map_err(|error| refused(&error))?;
        Ok(found.into_stream())
    }

    /// Content as it was stored, all of it at once: no larger than an upload may be.
    pub async fn whole(&self, name: &str) -> Result<Vec<u8>, Problem> {
        let found = self.store.get(&Path::from(name)).await.map_err(|error| refused(&error))?;
        Ok(found.bytes().await.map_err(|error| refused(&error))?.to_vec())
    }

    /// A stretch of content, shorter where the content ends.
    pub async fn part(&self, name: &str, from: u64, length: u64) -> Result<Bytes, Problem> {
        let range = from..from.saturating_add(length);
        self.store.get_range(&Path::from(name), range).await.map_err(|error| refused(&error))
    }

    /// Takes content away.
    pub async fn delete(&self, name: &str) -> Result<(), Problem> {
        self.store.delete(&Path::from(name)).await.map_err(|error| refused(&error))
    }
}

/// Takes away what uploads left half written when their server was killed. Young files may be
/// another server's uploads that still run.
fn sweep(folder: &std::path::Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let half_written = entry.file_name().to_string_lossy().contains('#');
        let age = entry.metadata().and_then(|m| m.modified()).ok().and_then(|at| at.elapsed().ok());
        if half_written
            && age.is_some_and(|age| age > HALF_WRITTEN)
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!(%error, "a half-written upload could not be taken away");
        }
    }
}

/// Hands the content on part by part, counting and hashing it.
async fn pour<S, B>(mut content: S, write: &mut WriteMultipart, limit: u64) -> Result<Stored, Problem>
where
    S: Stream<Item = Result<B, Problem>> + Unpin,
    B: AsRef<[u8]>,
{
    let mut hash = Sha256::new();
    let mut size = 0_u64;
    while let Some(chunk) = content.next().await {
        let chunk = chunk?;
        let bytes = chunk.as_ref();
        size = size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if size > limit {
            return Err(Code::TooLarge.with("limit", limit));
        }
        hash.update(bytes);
        write.wait_for_capacity(AT_ONCE).await.map_err(|error| refused(&error))?;
        write.write(bytes);
    }
    if size == 0 {
        return Err(Code::Invalid.at("", "empty", "文件内容不能为空", "the content must not be empty"));
    }
    Ok(Stored { size, sha256: hash.finalize().into() })
}

fn refused(error: &object_store::Error) -> Problem {
    tracing::error!(%error, "the store of documents refuses");
    if is_full(error) { Code::StorageExhausted.into() } else { Code::Internal.into() }
}

fn is_full(error: &object_store::Error) -> bool {
    let outermost: Option<&(dyn std::error::Error + 'static)> = Some(error);
    std::iter::successors(outermost, |error| error.source())
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .any(|error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::keys::sha256;
    use futures_util::{TryStreamExt, stream};

    fn chunks(parts: &[&'static [u8]]) -> impl Stream<Item = Result<&'static [u8], Problem>> + Unpin {
        let parts: Vec<Result<&'static [u8], Problem>> = parts.iter().map(|part| Ok(*part)).collect();
        stream::iter(parts)
    }

    fn opened() -> (tempfile::TempDir, Config, Files) {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { documents: folder.path().join("a/documents"), ..Config::default() };
        let files = Files::open(&config).unwrap();
        (folder, config, files)
    }

    fn left_behind(config: &Config) -> usize {
        std::fs::read_dir(&config.documents).unwrap().count()
    }

    #[tokio::test]
    async fn what_was_put_in_comes_out_and_goes_away() {
        let (_folder, config, files) = opened();
        let stored = files.put("x", chunks(&[b"ab", b"", b"cd"]), 4).await.unwrap();
        assert_eq!(stored, Stored { size: 4, sha256: sha256(b"abcd") });
        let read: Vec<Bytes> = files.get("x").await.unwrap().try_collect().await.unwrap();
        assert_eq!((read.concat(), files.whole("x").await.unwrap()), (b"abcd".to_vec(), b"abcd".to_vec()));
        assert_eq!(files.part("x", 1, 2).await.unwrap(), Bytes::from_static(b"bc"));
        assert_eq!(files.part("x", 3, 9).await.unwrap(), Bytes::from_static(b"d"));
        files.delete("x").await.unwrap();
        assert_eq!(left_behind(&config), 0);
        assert_eq!(files.get("x").await.err().map(|problem| problem.code), Some(Code::Internal));
    }

    #[tokio::test]
    async fn large_content_passes_in_parts() {
        let (_folder, _config, files) = opened();
        let part = vec![7_u8; 700_000];
        let content = stream::iter((0..5).map(|_| Ok(part.clone())).collect::<Vec<Result<Vec<u8>, Problem>>>());
        let stored = files.put("x", content, 4_000_000).await.unwrap();
        let read: Vec<Bytes> = files.get("x").await.unwrap().try_collect().await.unwrap();
        assert_eq!(stored, Stored { size: 3_500_000, sha256: sha256(&read.concat()) });
    }

    #[tokio::test]
    async fn what_is_refused_leaves_nothing_behind() {
        let (_folder, config, files) = opened();
        let too_large = files.put("x", chunks(&[b"abc", b"de"]), 4).await.unwrap_err();
        assert_eq!((too_large.code, too_large.facts["limit"].as_u64()), (Code::TooLarge, Some(4)));
        let empty = files.put("x", chunks(&[b"", b""]), 4).await.unwrap_err();
        assert_eq!(empty.code, Code::Invalid);
        let broken: Vec<Result<&[u8], Problem>> = vec![Ok(b"ab".as_slice()), Err(Code::Malformed.into())];
        let broken = files.put("x", stream::iter(broken), 4).await.unwrap_err();
        assert_eq!(broken.code, Code::Malformed);
        assert_eq!(left_behind(&config), 0);
    }

    #[tokio::test]
    async fn others_cannot_look_into_the_folder() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, config, _files) = opened();
        assert_eq!(std::fs::metadata(&config.documents).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
