//! Files that mean harm: each costs one row with its cause, the rest is read, nothing else is touched.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use gongkai::model::verdict::Cause;
use gongkai::worker::Workers;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::util::{build, config, files_below, root, table};

/// A zip of these entries.
fn zip_of(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).expect("entry");
        writer.write_all(bytes).expect("writes");
    }
    writer.finish().expect("finishes").into_inner()
}

const HEAD: &str = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n";

const TYPES: &str = r#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;

/// A document with this main part.
fn docx(document: &str, method: CompressionMethod) -> Vec<u8> {
    let parts: [(&str, &[u8]); 2] =
        [("[Content_Types].xml", TYPES.as_bytes()), ("word/document.xml", document.as_bytes())];
    zip_of(&parts, method)
}

fn body(inside: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{inside}</w:body></w:document>"#
    )
}

/// A workbook of one sheet with these cells and what follows them.
fn xlsx(cells: &str, after: &str) -> Vec<u8> {
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData>{after}</worksheet>"#
    );
    let parts: [(&str, &str); 5] = [
        ("[Content_Types].xml", TYPES),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="a"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    zip_of(&parts.map(|(name, text)| (name, text.as_bytes())), CompressionMethod::Stored)
}

/// A workbook that keeps its texts under another name.
fn renamed_texts() -> Vec<u8> {
    let sheet = xlsx("<row r='1'><c r='A1' t='s'><v>0</v></c></row>", "");
    let relation = r#"<Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>"#;
    let texts = r#"<Relationship Id="b" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="strings.xml"/>"#;
    let mut archive = zip::ZipArchive::new(Cursor::new(sheet)).expect("zip");
    let mut parts: Vec<(String, String)> = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).expect("entry");
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let text = std::io::read_to_string(entry).expect("text");
        parts.push((name, text.replace(relation, &format!("{relation}{texts}"))));
    }
    parts.push(("xl/strings.xml".to_owned(), "<sst><si><t>1</t></si></sst>".to_owned()));
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zip_of(&parts, CompressionMethod::Stored)
}

/// An OFD file of one page with this layer; `res` are its resources, and the page lists them so often.
fn ofd(layer: &str, res: &str, n_pages: usize) -> Vec<u8> {
    let pages = r#"<ofd:Page ID="1" BaseLoc="P.xml"/>"#.repeat(n_pages);
    let document = format!(
        r#"<ofd:Document xmlns:ofd="o"><ofd:CommonData><ofd:PublicRes>R.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>{pages}</ofd:Pages></ofd:Document>"#
    );
    let page =
        format!(r#"<ofd:Page xmlns:ofd="o"><ofd:Content><ofd:Layer>{layer}</ofd:Layer></ofd:Content></ofd:Page>"#);
    let root = "<OFD><DocBody><DocRoot>D/Document.xml</DocRoot></DocBody></OFD>";
    let parts = [("OFD.xml", root), ("D/Document.xml", &document), ("D/P.xml", &page), ("D/R.xml", res)];
    zip_of(&parts.map(|(name, text)| (name, text.as_bytes())), CompressionMethod::Stored)
}

/// A text of an OFD file whose attributes and steps are these.
fn ofd_text(attributes: &str, code: &str, text: &str) -> String {
    format!(r#"<ofd:TextObject {attributes}><ofd:TextCode {code}>{text}</ofd:TextCode></ofd:TextObject>"#)
}

/// Drawings of an OFD file that draw each other ten times over.
fn ofd_fan() -> String {
    let units: String = (0..12)
        .map(|at| {
            let inside = format!(r#"<CompositeObject Boundary="0 0 9 9" ResourceID="{}"/>"#, at + 1).repeat(10);
            format!(r#"<CompositeGraphicUnit ID="{at}"><Content>{inside}</Content></CompositeGraphicUnit>"#)
        })
        .collect();
    format!("<Res><CompositeGraphicUnits>{units}</CompositeGraphicUnits></Res>")
}

fn ods(content: &str) -> Vec<u8> {
    let content = format!(
        r#"<o:document-content xmlns:o="o" xmlns:table="t" xmlns:text="x"><o:body><o:spreadsheet>{content}</o:spreadsheet></o:body></o:document-content>"#
    );
    let parts: [(&str, &[u8]); 2] =
        [("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())];
    zip_of(&parts, CompressionMethod::Stored)
}

/// A compound file whose directory names a stream.
fn compound(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0xff; 2_048];
    bytes[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let name: Vec<u8> = stream.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    bytes[1_024..1_024 + name.len()].copy_from_slice(&name);
    bytes
}

/// The report that the fixtures hold as DOC, with other bytes at some places of the file.
fn doc(changes: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = fs::read(root().join("tests/formats/report.doc")).expect("fixture");
    for (at, change) in changes {
        bytes[*at..*at + change.len()].copy_from_slice(change);
    }
    bytes
}

/// Where in a compound file the entry of a stream stands in its directory.
fn entry(name: &str) -> usize {
    let bytes = doc(&[]);
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    // The file holds an older copy of its directory, too.
    let at = bytes.chunks_exact(128).rposition(|entry| entry.starts_with(&name)).expect("entry");
    at * 128
}

/// Where a sector begins, and where the file says which follows it.
fn sector(number: usize) -> (usize, usize) {
    let bytes = doc(&[]);
    let table = u32::from_le_bytes([bytes[76], bytes[77], bytes[78], bytes[79]]);
    let table = usize::try_from(table).expect("small");
    (512 * (number + 1), 512 * (table + 1) + 4 * number)
}

fn rtf(inside: &str) -> Vec<u8> {
    format!("{{\\rtf1\\ansi {inside}}}").into_bytes()
}

/// A PDF file of these objects, numbered from 1; the first is its catalog.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (at, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        file.extend(format!("{} 0 obj\n", at + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let (size, start) = (objects.len() + 1, file.len());
    let end = format!(
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    file.extend(end.bytes());
    file
}

/// A PDF file of one page with this content, which may draw form `/X`, also the content of that form.
fn page(content: &[u8], filter: &str) -> Vec<u8> {
    let stream = |head: &str| {
        let head = format!("<< {head} {filter} /Length {} >>\nstream\n", content.len());
        [head.as_bytes(), content, b"\nendstream"].concat()
    };
    let resources = "/Resources << /XObject << /X 5 0 R >> >>";
    pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents 4 0 R {resources} >>").into_bytes(),
        stream(""),
        stream(&format!("/Type /XObject /Subtype /Form /BBox [0 0 300 400] {resources}")),
    ])
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("compresses")
}

/// A workbook whose chain of directory sectors leads back to its begin.
fn looped_xls() -> Vec<u8> {
    let mut bytes = fs::read(root().join("tests/formats/report.xls")).expect("sample");
    let number =
        |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
    let (directory, table) = (number(&bytes, 48), number(&bytes, 76));
    let at = 512 * (table + 1) + 4 * directory;
    bytes[at..at + 4].copy_from_slice(&u32::try_from(directory).expect("a sector").to_le_bytes());
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("compresses")
}

fn tar_of(entries: &[(&str, tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_link_name("/etc/passwd").expect("link");
        header.as_gnu_mut().expect("gnu").name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *bytes).expect("appends");
    }
    builder.into_inner().expect("finishes")
}

/// Hostile files with the causes that each may have; none for what is simply no report.
fn cases() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    use CompressionMethod::{Deflated, Stored};
    let blank = vec![b' '; 80 << 20];
    let spaces = String::from_utf8_lossy(&blank);
    let sound = docx(&body("<w:p><w:r><w:t>公告</w:t></w:r></w:p>"), Stored);
    let mut flipped = sound.clone();
    let at = flipped.windows(6).position(|window| window == "公告".as_bytes()).expect("text");
    flipped[at] ^= 1;
    let text: (&str, &[u8]) = ("word/document.xml", b"<a/>");
    let mut twice = zip_of(&[text, ("word/documenX.xml", b"<b/>")], Stored);
    while let Some(at) = twice.windows(8).position(|window| window == b"documenX") {
        twice[at + 7] = b't';
    }
    let many: Vec<String> = (0..5_000).map(|at| format!("{at}.txt")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"a"[..])).collect();
    let nested = (0..4).fold(b"x".to_vec(), |inner, _| zip_of(&[("in.zip", &inner)], Stored));
    let attributes = (0..300_000).fold(String::new(), |mut text, at| {
        let _ = write!(text, " a{at}='1'");
        text
    });
    let entities = r#"<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]><d>&b;</d>"#;
    let span = "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2147483647'/></w:tcPr><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    let repeated = "<table:table table:name='a'><table:table-row table:number-rows-repeated='2147483648'><table:table-cell><text:p>1</text:p></table:table-cell></table:table-row></table:table>";
    let wide = repeated
        .replace("number-rows-repeated='2147483648'", "x='1'")
        .replace("<table:table-cell>", "<table:table-cell table:number-columns-repeated='99999999999999999999'>");
    let far = "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>";
    let merge = "<mergeCells count='1'><mergeCell ref='A1:XFD1048576'/></mergeCells>";
    let main = doc(&[])
        .windows(4)
        .position(|bytes| bytes == [0xec, 0xa5, 0xc1, 0] || bytes == [0xec, 0xa5, 1, 1])
        .expect("head");
    let first = u32::try_from(main / 512 - 1).expect("small");
    let (_, main_next) = sector(main / 512 - 1);
    let nested_parts = (0..10_000).fold("MIME-Version: 1.0\n".to_owned(), |mut text, at| {
        let _ = write!(text, "Content-Type: multipart/mixed; boundary=b{at}\n\n--b{at}\n");
        text
    });
    let nested_parts = nested_parts.into_bytes();
    let mut pages = vec![b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), Vec::new()];
    let kids: String = (0..600).map(|at| format!("{} 0 R ", at + 3)).collect();
    pages[1] = format!("<< /Type /Pages /Kids [{kids}] /Count 600 >>").into_bytes();
    pages.extend((0..600).map(|_| b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>".to_vec()));
    let launch = [
        &b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (/bin/touch) /P (outside) >> >>"[..],
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    ]
    .map(<[u8]>::to_vec);
    let table = "<table><tr><td colspan=1000000 rowspan=1000000>1</td></tr></table>";
    vec![
        ("bomb.docx", docx(&body(&spaces), Deflated), &["archive_bomb"]),
        ("bomb.zip", zip_of(&[("a.txt", &blank)], Deflated), &["archive_bomb"]),
        ("bomb.txt.gz", gzip(&blank), &["archive_bomb"]),
        ("bomb.txt.zst", zstd::encode_all(&blank[..], 1).expect("compresses"), &["archive_bomb"]),
        ("many.zip", zip_of(&many, Stored), &["limit"]),
        ("nested.zip", nested, &["limit"]),
        ("twice.docx", twice, &["corrupt"]),
        (
            "mixed.zip",
            zip_of(&[("[Content_Types].xml", TYPES.as_bytes()), text, ("page.html", b"<p>a page</p>")], Stored),
            &["corrupt"],
        ),
        ("cut.docx", sound[..sound.len() / 2].to_vec(), &["corrupt"]),
        ("flipped.docx", flipped, &["corrupt"]),
        ("empty.docx", docx("", Stored), &["no_text"]),
        ("doctype.docx", docx(entities, Stored), &["corrupt"]),
        ("deep.docx", docx(&body(&"<w:sdt>".repeat(100_000)), Stored), &["limit"]),
        ("ill.docx", docx(&body("<w:p></w:r>"), Stored), &["corrupt"]),
        (
            "mojibake.docx",
            docx(&body("<w:p/>"), Stored).iter().map(|b| if *b == b'?' { 0xff } else { *b }).collect(),
            &["corrupt", "decode"],
        ),
        ("attributes.docx", docx(&body(&format!("<w:p{attributes}/>")), Stored), &["no_text"]),
        ("span.docx", docx(&body(span), Stored), &[]),
        ("far.xlsx", xlsx(far, ""), &["limit"]),
        ("string.xlsx", xlsx("<row r='1'><c r='A1' t='s'><v>4000000000</v></c></row>", ""), &["corrupt"]),
        ("texts.xlsx", renamed_texts(), &["unsupported_format"]),
        ("merged.xlsx", xlsx("<row r='1'><c r='A1'><v>1</v></c></row>", merge), &[]),
        ("rows.ods", ods(repeated), &["limit"]),
        ("columns.ods", ods(&wide), &["limit"]),
        ("locked.docx", compound("EncryptedPackage"), &["encrypted"]),
        ("loop.xls", looped_xls(), &["corrupt"]),
        ("noise.xls", compound("Workbook"), &["corrupt", "internal"]),
        ("noise.doc", compound("WordDocument"), &["corrupt"]),
        ("self.doc", doc(&[(main_next, &first.to_le_bytes())]), &["corrupt"]),
        ("child.doc", doc(&[(entry("Root Entry") + 76, &[0; 4])]), &["corrupt"]),
        ("siblings.doc", doc(&[(entry("WordDocument") + 68, &[1, 0, 0, 0, 1, 0, 0, 0])]), &["corrupt"]),
        ("long.doc", doc(&[(entry("WordDocument") + 120, &[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0])]), &["corrupt"]),
        ("cut.doc", doc(&[])[..20_000].to_vec(), &["corrupt"]),
        ("locked.doc", doc(&[(main + 11, &[0x13])]), &["encrypted"]),
        ("old.doc", doc(&[(main + 2, &[0x68, 0])]), &["unsupported_format"]),
        ("text.doc", doc(&[(main + 76, &[0xff; 4])]), &["corrupt"]),
        ("pieces.doc", doc(&[(main + 154 + 8 * 33, &[0xff; 8])]), &["corrupt"]),
        ("deep.rtf", "{\\rtf1".repeat(100_000).into_bytes(), &["limit"]),
        ("open.rtf", rtf("{\\b 1"), &["corrupt"]),
        ("bin.rtf", rtf("1\\bin2147483647 2"), &["corrupt"]),
        ("tables.rtf", rtf("\\intbl\\itap2147483647 1\\par"), &["limit"]),
        ("cells.rtf", rtf(&("\\trowd".to_owned() + &"\\cellx9".repeat(1_000_000) + " 1\\cell\\row")), &["corrupt"]),
        ("uc.rtf", rtf("\\uc2147483647\\u24180 1\\par"), &[]),
        ("deep.mht", nested_parts, &["corrupt", "limit", "no_text"]),
        ("parts.mht", [HEAD, &"--b\n\n".repeat(300_000)].concat().into_bytes(), &["limit"]),
        // The page tree and the form hold themselves.
        ("loop.pdf", page(b"/X Do", ""), &["no_text"]),
        ("fan.pdf", page("/X Do ".repeat(10).as_bytes(), ""), &["no_text", "limit"]),
        ("bomb.pdf", page(&zlib(&vec![b' '; 600 << 20]), "/Filter /FlateDecode"), &["limit", "no_text"]),
        ("strokes.pdf", page("0 0 m 9 9 l S ".repeat(250_000).as_bytes(), ""), &["limit"]),
        ("deep.pdf", page("[".repeat(200_000).as_bytes(), ""), &["no_text"]),
        ("pages.pdf", pdf(&pages), &["limit"]),
        ("launch.pdf", pdf(&launch), &["no_text"]),
        ("cut.pdf", page(b"", "")[..200].to_vec(), &["corrupt"]),
        ("startxref.pdf", b"%PDF-1.7\nstartxref\n9\n%%EOF".to_vec(), &["corrupt"]),
        ("steps.ofd", ofd(&ofd_text("Size='4'", "DeltaX='g 4000000000 2'", "12"), "<Res/>", 1), &[]),
        (
            "numbers.ofd",
            ofd(
                &ofd_text(
                    "Boundary='NaN inf -1e999 1' CTM='1e300 0 0 1e300 0 0' Size='-inf'",
                    "X='1e999' DeltaX='NaN'",
                    "12",
                ),
                "<Res/>",
                1,
            ),
            &[],
        ),
        (
            "far.ofd",
            ofd(
                &ofd_text("Boundary='9999999 9999999 1 1' Size='9999999'", "X='9999999' DeltaX='9999999'", "12"),
                "<Res/>",
                1,
            ),
            &["no_text"],
        ),
        ("objects.ofd", ofd(&"<ofd:PathObject/>".repeat(1_000_000), "<Res/>", 1), &["limit"]),
        (
            "letters.ofd",
            ofd(&ofd_text("Size='4'", "X='1' Y='9' DeltaX='g 900000 0.0001'", &"1 2".repeat(300_000)), "<Res/>", 1),
            &["limit"],
        ),
        ("blocks.ofd", ofd(&"<ofd:PageBlock>".repeat(100_000), "<Res/>", 1), &["limit"]),
        (
            "loop.ofd",
            ofd(
                "<CompositeObject ResourceID='1'/>",
                "<Res><A><CompositeGraphicUnit ID='1'><Content><CompositeObject ResourceID='1'/></Content></CompositeGraphicUnit></A></Res>",
                1,
            ),
            &["corrupt"],
        ),
        ("fan.ofd", ofd("<CompositeObject ResourceID='0'/>", &ofd_fan(), 1), &["limit"]),
        (
            "settings.ofd",
            ofd(&ofd_text("Size='4' DrawParam='1'", "", "12"), "<Res><A><DrawParam ID='1' Relative='1'/></A></Res>", 1),
            &[],
        ),
        ("pages.ofd", ofd("", "<Res/>", 600), &["limit"]),
        (
            "outline.ofd",
            ofd(
                &format!(
                    "<ofd:PathObject><ofd:AbbreviatedData>M 0 0 {}</ofd:AbbreviatedData></ofd:PathObject>",
                    "A 1 1e9 9 1 1 5 5 ".repeat(90_000)
                ),
                "<Res/>",
                1,
            ),
            &["limit", "no_text"],
        ),
        ("doctype.ofd", ofd("", entities, 1), &["corrupt"]),
        (
            "parts.ofd",
            zip_of(&[("OFD.xml", b"<OFD><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></OFD>")], Stored),
            &["corrupt"],
        ),
        ("locked.ofd", zip_of(&[("OFD.xml", b"<OFD/>"), ("Encryptions.xml", b"<a/>")], Stored), &["encrypted"]),
        ("length.warc", b"WARC/1.0\r\nContent-Length: 99999999999999\r\n\r\n".to_vec(), &["corrupt"]),
        ("footer.parquet", b"PAR1\xff\xff\xff\x7fPAR1".to_vec(), &["corrupt"]),
        ("deep.jsonl", format!("{{\"text\": \"a\"}}\n{{\"text\": {}", "[".repeat(1 << 20)).into_bytes(), &["corrupt"]),
        ("bomb.jsonl.gz", gzip(format!("{{\"text\": \"{spaces}\"}}\n").as_bytes()), &["archive_bomb"]),
        (
            "noise.docx",
            (0_u32..4_000).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect(),
            &["unsupported_format"],
        ),
        ("deep.html", "<div>".repeat(100_000).into_bytes(), &["limit"]),
        ("misnested.html", "<b><i><p>".repeat(40_000).into_bytes(), &["limit"]),
        ("attributes.html", format!("<html><p{attributes}>1</p>").into_bytes(), &["limit"]),
        ("tables.html", "<table><tr><td>1</table>".repeat(200_000).into_bytes(), &["limit"]),
        ("unclosed.html", format!("<table>{}</table>", "<tr><td><span>1</td></tr>".repeat(3_000)).into_bytes(), &[]),
        ("sly.html", "<div>".repeat(3_000).into_bytes(), &["limit"]),
        (
            "sheets.html",
            format!(
                "<html><style>{}</style>{}",
                ".a .b{display:none}".repeat(20_000),
                "<p class=b>1</p>".repeat(20_000)
            )
            .into_bytes(),
            &["limit"],
        ),
        ("spans.html", table.repeat(50).into_bytes(), &[]),
        ("line.txt", "规章 ".repeat(1 << 20).into_bytes(), &[]),
        ("slip.zip", zip_of(&[("../../outside.txt", b"a page"), ("/absolute.txt", b"another")], Stored), &[]),
        ("types.zip", zip_of(&[("[Content_Types].xml", b"a page"), ("b.txt", b"another")], Stored), &[]),
        (
            "links.tar",
            tar_of(&[
                ("c.txt", tar::EntryType::Block, b""),
                ("a.txt", tar::EntryType::Symlink, b""),
                ("b.txt", tar::EntryType::Link, b""),
            ]),
            &[],
        ),
    ]
}

#[test]
fn hostile_files_cost_one_row_each() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("one/raw");
    fs::create_dir_all(&input).expect("folder");
    let cases = cases();
    for (name, bytes, _) in &cases {
        fs::write(input.join(name), bytes).expect("file");
    }
    let sound = root().join("data/sample/hongze-2024.html");
    fs::copy(&sound, input.join("sound.html")).expect("sample");
    let before: Vec<_> = files_below(&folder.path().join("one")).into_keys().collect();
    let out = folder.path().join("out");
    let said = build(&input, &out, &[], 0);
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(
        files_below(&folder.path().join("one")).into_keys().collect::<Vec<_>>(),
        before,
        "something was unpacked"
    );
    let mut causes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in table(&out, "quarantine") {
        let path = row["path"].clone().expect("path");
        let file = path.split("!/").next().expect("a file").to_owned();
        causes.entry(file).or_default().push(row["cause"].clone().expect("cause"));
        assert!(row["message"].as_ref().is_some_and(|message| message.len() > 20), "{path} says nothing");
    }
    for (name, _, expected) in &cases {
        let found = causes.remove(*name).unwrap_or_default();
        match expected {
            [] => {
                assert!(!found.iter().any(|cause| cause == "internal" || cause == "worker_died"), "{name}: {found:?}");
            }
            _ => {
                assert_eq!(found.len(), 1, "{name}: {found:?}");
                assert!(expected.contains(&found[0].as_str()), "{name}: {found:?}, not {expected:?}");
            }
        }
    }
    let files = table(&out, "files");
    let count =
        |test: &dyn Fn(&str) -> bool| files.iter().filter(|row| test(row["path"].as_deref().unwrap_or(""))).count();
    for (name, ..) in &cases {
        assert_eq!(count(&|path| path == *name), 1, "{name} has not one row");
    }
    let paths: Vec<&str> = files.iter().filter_map(|row| row["path"].as_deref()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    assert_eq!(count(&|path| path.starts_with("slip.zip!/")), 2);
    assert_eq!(count(&|path| path.starts_with("links.tar!/")), 3);
    assert_eq!(count(&|path| path.starts_with("types.zip!/")), 2);
    let sound = files.iter().find(|row| row["path"].as_deref() == Some("sound.html")).expect("the sound report");
    assert_eq!(sound["outcome"].as_deref(), Some("report"));
}

/// A program that takes what it is sent and ends so.
fn script(folder: &Path, name: &str, end: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\nhead -c 8 > /dev/null\n{end}\n")).expect("script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
    path
}

#[test]
fn the_death_of_a_child_is_told_by_its_cause() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = docx(&body("<w:p/>"), CompressionMethod::Stored);
    let ends = [
        ("time", "kill -XCPU $$", Cause::Limit, "seconds"),
        ("memory", "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$", Cause::Limit, "memory"),
        ("stack", "echo 'thread main has overflowed its stack' >&2; kill -ABRT $$", Cause::WorkerDied, "stack"),
        ("crash", "kill -SEGV $$", Cause::WorkerDied, "ended"),
        ("silence", "exit 0", Cause::WorkerDied, "ended"),
    ];
    for (name, end, cause, word) in ends {
        let workers = Workers::of(&script(folder.path(), name, end));
        let decoded = workers.decode(&bytes, &config().limits).expect("the child starts");
        let problem = decoded.document.expect_err("the child died");
        assert_eq!(problem.cause, cause, "{name}: {}", problem.message);
        assert!(problem.message.contains(word), "{name}: {}", problem.message);
    }
    assert!(Workers::of(&folder.path().join("nobody")).decode(&bytes, &config().limits).is_err());
}

#[test]
fn a_child_that_needs_too_much_memory_costs_one_row() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("raw");
    fs::create_dir_all(&input).expect("folder");
    // So many cells are within what may inflate, and beyond the memory allowed here.
    let row = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    let large: String = row.repeat((24 << 20) / row.len());
    fs::write(input.join("large.docx"), docx(&body(&large), CompressionMethod::Stored)).expect("file");
    fs::copy(root().join("tests/formats/report.docx"), input.join("sound.docx")).expect("sample");
    let settings = folder.path().join("config");
    fs::create_dir_all(&settings).expect("folder");
    let default = fs::read_to_string(root().join("config/gongkai.toml")).expect("settings");
    let changed = default.replace("worker_bytes = 536_870_912", "worker_bytes = 134_217_728");
    assert_ne!(changed, default);
    fs::write(settings.join("gongkai.toml"), changed).expect("settings");
    let out = folder.path().join("out");
    build(&input, &out, &["--config", settings.to_str().expect("UTF-8"), "--jobs", "1"], 0);
    let problems = table(&out, "quarantine");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0]["cause"].as_deref(), Some("limit"), "{:?}", problems[0]["message"]);
    assert_eq!(table(&out, "reports")[0]["status"].as_deref(), Some("accepted"));
}
