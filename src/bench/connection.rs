//! A connection that speaks just enough HTTP/1.1: prepared bytes out, status and length in. It shares the machine with what
//! it measures, so it does no more.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer that is taken, bytes.
const LONGEST: usize = 1 << 14;

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, as far as it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Its status.
    pub status: u16,
    /// The length of its body, bytes.
    pub body: usize,
    /// The length of its head, bytes.
    head: usize,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; LONGEST] })
    }

    /// Sends a request and reads its answer to the end.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answered> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let mut known = None;
        loop {
            let free = self.buffer.get_mut(filled..).filter(|free| !free.is_empty()).ok_or_else(|| broken("an answer is too long"))?;
            let read = self.stream.read(free).await?;
            if read == 0 {
                return Err(broken("the server closed the connection"));
            }
            filled += read;
            if known.is_none() {
                known = head(self.buffer.get(..filled).unwrap_or_default())?;
            }
            if let Some(answered) = known.filter(|known| filled >= known.head + known.body) {
                return Ok(answered);
            }
        }
    }

    /// The body of the last answer.
    pub fn body(&self, of: Answered) -> &[u8] {
        self.buffer.get(of.head..of.head + of.body).unwrap_or_default()
    }
}

/// What the head of an answer says, once it is there.
fn head(bytes: &[u8]) -> io::Result<Option<Answered>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).map_err(|_| broken("an answer's head is no text"))?;
    let status = text.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(|| broken("an answer has no status"))?;
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, value)| value.trim().parse().ok()).ok_or_else(|| broken("an answer does not say its length"))?;
    Ok(Some(Answered { status, body: length, head: end + 4 }))
}

fn broken(why: &'static str) -> io::Error {
    io::Error::other(why)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_once_its_head_is_there() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
        assert_eq!(head(&answer[..30]).unwrap(), None);
        assert_eq!(head(answer).unwrap(), Some(Answered { status: 201, body: 5, head: answer.len() - 5 }));
        assert!(head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
