//! The log over HTTP as foreign clients read it (C2SP tlog-tiles).

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;

use crate::running::{Client, ORIGIN, append, ask, ask_with, config, get, http, try_start};
use crate::stores::{Stores, both};

both!(a_foreign_client_reads_and_verifies_the_whole_log_over_http,);

async fn append_at_once(client: &Client, prefix: &str, count: usize) {
    let calls: Vec<_> = (0..count)
        .map(|i| {
            let (client, id) = (client.clone(), format!("{prefix}-{i}"));
            tokio::spawn(async move { append(&client, &id).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}

/// The foreign tile client's way to our tiles: over HTTP.
struct OverHttp(SocketAddr);

impl tlog_tiles::TileReader for OverHttp {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            // Its paths begin with the height, which C2SP's have not.
            let path = tile.path().replacen("tile/8/", "/tile/", 1);
            tokio::task::block_in_place(|| Handle::current().block_on(get(self.0, &path)))
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

async fn a_foreign_client_reads_and_verifies_the_whole_log_over_http(stores: Stores) {
    let dir = stores.dir();
    let mut settings = config(dir.path());
    settings.http = Some(http());
    let service = try_start(settings).await.unwrap();
    let addr = service.http.unwrap();
    append_at_once(&service.client, "r", 600).await;

    let checkpoint = get(addr, "/checkpoint").await;
    let key = signed_note::StandardVerifier::new(&service.vkey).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(key)]);
    let note = signed_note::Note::from_bytes(&checkpoint).unwrap();
    note.verify(&known).unwrap();
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), (ORIGIN, 600));

    // Every entry, from the bundles, is proved by the tiles under the signed root.
    let mut entries = Vec::new();
    for path in ["000", "001", "002.p/88"] {
        let bytes = get(addr, &format!("/tile/entries/{path}")).await;
        let mut rest = bytes.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
            entries.push(entry.to_vec());
            rest = after;
        }
    }
    assert_eq!(entries.len(), 600);
    let tiles = OverHttp(addr);
    let root = *checkpoint.hash();
    let reader = tlog_tiles::TileHashReader::new(600, root, &tiles);
    for index in [0, 1, 255, 256, 511, 512, 598, 599] {
        let proof = tlog_tiles::prove_record(600, index, &reader).unwrap();
        let leaf = tlog_tiles::record_hash(&entries[index as usize]);
        tlog_tiles::check_record(&proof, 600, root, index, leaf).unwrap();
    }

    // Partial tiles of sizes that the log has passed are still there; what is not yet is not.
    let full = get(addr, "/tile/0/000").await;
    for width in [1, 17, 255] {
        let partial = get(addr, &format!("/tile/0/000.p/{width}")).await;
        assert_eq!(partial, full[..width * 32]);
    }
    let beyond = [
        "/tile/0/002",
        "/tile/0/002.p/89",
        "/tile/1/000",
        "/tile/1/000.p/3",
        "/tile/2/000.p/1",
        "/tile/entries/003.p/1",
        "/tile/0/000.p/256",
        "/tile/8/0/000",
        "/nothing",
    ];
    for path in beyond {
        let (status, head, _) = ask(addr, "GET", path, b"").await;
        assert_eq!(status, 404, "{path}");
        assert!(head.contains("cache-control: no-cache"), "{path}: {head}");
    }
    let (_, head, body) = ask(addr, "HEAD", "/tile/1/000.p/2", b"").await;
    assert!(body.is_empty());
    assert!(head.contains("content-type: application/octet-stream"));
    assert!(
        head.contains("immutable") && head.contains("max-age=31536000"),
        "{head}"
    );
    let (_, head, _) = ask(addr, "GET", "/checkpoint", b"").await;
    assert!(
        head.contains("content-type: text/plain; charset=utf-8"),
        "{head}"
    );
    assert!(!head.contains("immutable"));
    // Entries come packed to who takes that, and are the same entries.
    let plain = get(addr, "/tile/entries/001").await;
    for (accepts, packed) in [
        ("gzip", true),
        ("br, GZIP;q=0.5", true),
        ("gzip;q=0", false),
        ("identity", false),
    ] {
        let path = "/tile/entries/001";
        let headers = format!("accept-encoding: {accepts}\r\n");
        let (status, head, body) = ask_with(addr, "GET", path, &headers, b"").await;
        assert_eq!(status, 200);
        assert!(
            head.contains("vary: accept-encoding") && head.contains("immutable"),
            "{head}"
        );
        assert_eq!(
            head.contains("content-encoding: gzip"),
            packed,
            "{accepts}: {head}"
        );
        let mut read = Vec::new();
        if packed {
            let mut unpacked = flate2::read::GzDecoder::new(body.as_slice());
            std::io::Read::read_to_end(&mut unpacked, &mut read).unwrap();
            assert!(body.len() < plain.len());
        } else {
            read = body;
        }
        assert_eq!(read, plain, "{accepts}");
    }
    let (status, _, _) = ask(addr, "PUT", "/checkpoint", b"").await;
    assert_eq!(status, 405);
    let (status, _, _) = ask(addr, "POST", "/witness/add-checkpoint", b"x").await;
    assert_eq!(status, 404, "this log is no witness");
    service.stop().await;
}

/// Loads the functions of the Python reference (it generates vectors when run as a whole) and checks
/// what it is given: vkey, checkpoint, entries, inclusion of every entry in the root of its own.
const REFERENCE: &str = r##"
import sys, base64
source = open(sys.argv[1]).read().split("# ---- generate vectors ----")[0]
exec(source)
vkey, folder, size = sys.argv[2], sys.argv[3], int(sys.argv[4])
text, lines = split_note(open(folder + "/checkpoint").read())
name, kid, kind, public = parse_vkey(vkey)
origin, n, root = text.split("\n")[:3]
assert origin == name and int(n) == size
assert any(i == kid and ed_ok(public, s, text.encode()) for nm, i, s in sigs(lines) if nm == name)
leaves = []
for at, (level, full, partial) in enumerate(tiles_for(size)):
    for index in list(range(full)) + ([full] if partial else []):
        width = 256 if index < full else partial
        tile = open(folder + "/" + tilepath(level, index, width).replace("/", "_"), "rb").read()
        assert len(tile) == 32 * width
        if level == 0: leaves += [tile[i:i+32] for i in range(0, len(tile), 32)]
        else:
            for k in range(width):
                below = leaves[(index * 256 + k) * 256 ** level : (index * 256 + k + 1) * 256 ** level]
                assert mth(below) == tile[32*k:32*k+32]
entries = []
for index, width in [(i, 256) for i in range(size // 256)] + ([(size // 256, size % 256)] if size % 256 else []):
    path = "tile/entries/" + npath(index) + (f".p/{width}" if width != 256 else "")
    data = open(folder + "/" + path.replace("/", "_"), "rb").read()
    while data:
        length = struct.unpack(">H", data[:2])[0]
        entries.append(data[2:2+length]); data = data[2+length:]
assert len(entries) == size and [leaf(e) for e in entries] == leaves
assert b64(mth(leaves)) == root
print("accepted", size)
"##;

#[tokio::test(flavor = "multi_thread")]
async fn the_python_reference_accepts_the_log() {
    let reference = std::env::var_os("CONCORD_TEST_DATA")
        .map(|data| std::path::PathBuf::from(data).join("../specs/tlog-vectors.py"));
    let Some(reference) = reference.filter(|path| path.is_file()) else {
        let reason = "the Python reference was not run: CONCORD_TEST_DATA does not lead to it";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}");
        eprintln!("{reason}");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut settings = config(dir.path());
    settings.http = Some(http());
    let service = try_start(settings).await.unwrap();
    let addr = service.http.unwrap();
    append_at_once(&service.client, "r", 300).await;
    let files = tempfile::tempdir().unwrap();
    let paths = [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ];
    for path in paths {
        let bytes = get(addr, &format!("/{path}")).await;
        std::fs::write(files.path().join(path.replace('/', "_")), bytes).unwrap();
    }
    let output = Command::new("python3")
        .args(["-c", REFERENCE])
        .arg(&reference)
        .arg(&service.vkey)
        .arg(files.path())
        .arg("300")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if errors.contains("No module named 'cryptography'") {
        let reason = "the Python reference was not run: it needs the module `cryptography`";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}");
        eprintln!("{reason}");
    } else {
        assert_eq!(output.stdout, b"accepted 300\n", "{errors}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_its_answers_loses_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = config(dir.path());
    let mut listener = http();
    (listener.connections, listener.connection_seconds) = (1, 1);
    settings.http = Some(listener);
    let service = try_start(settings).await.unwrap();
    let addr = service.http.unwrap();
    let mut greedy = tokio::net::TcpStream::connect(addr).await.unwrap();
    let asked = "GET /checkpoint HTTP/1.1\r\nhost: log\r\n\r\n".repeat(50_000);
    // More answers than all buffers on the way can hold; it is cut off while it still asks.
    let pushed = tokio::spawn(async move {
        let _ = greedy.write_all(asked.as_bytes()).await;
        tokio::time::sleep(Duration::from_secs(30)).await; // keeps its end open
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let next = tokio::time::timeout(Duration::from_secs(10), get(addr, "/checkpoint")).await;
    assert!(next.is_ok(), "the only place stays taken");
    pushed.abort();
    service.stop().await;
}
