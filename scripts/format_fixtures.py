#!/usr/bin/env python3
"""Writes one made-up annual report in every format that gongkai reads, and expected.json with its identity and cells.

    pip install python-docx openpyxl xlwt zstandard      # LibreOffice (with Calc) for the files named lo_* and .odt, .ods, .doc, .rtf, .pdf
    python3 scripts/format_fixtures.py [FOLDER]          # default: tests/formats

The agency, the text and the figures are invented. The same versions of the tools give the same bytes: dates and archive times are fixed.
"""

import datetime
import email.mime.multipart
import email.mime.nonmultipart
import gzip
import html
import io
import itertools
import json
import pathlib
import quopri
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import docx
import openpyxl
import xlwt
import zstandard
from openpyxl.styles import Alignment, Border, Font, Side

WHEN = datetime.datetime(2024, 1, 18, 9, 0, 0)
STAMP = 1705568400
AGENCY, YEAR = "样例市园林绿化局", 2023
TITLE = f"{AGENCY}{YEAR}年政府信息公开工作年度报告"

# ---- figures -------------------------------------------------------------------------------------------------------------------------------
DOCUMENTS = [("regulations", "规章", (0, 0, 0)), ("normative_documents", "行政规范性文件", (3, 1, 12))]
DECISIONS = [("art20_5", "第二十条第（五）项", [("admin_licence", "行政许可", 486)]),
             ("art20_6", "第二十条第（六）项", [("admin_penalty", "行政处罚", 27), ("admin_coercion", "行政强制", 0)])]
FEE = 38.62
APPLICANTS = ["natural_person", "commercial_enterprise", "research_institution", "public_welfare_org", "legal_service_org", "other_org"]
NONE = (0, 0, 0, 0, 0, 0)
# code, group label that starts here (with its number of rows), label, the six applicant columns
OUTCOMES = [
    ("granted", None, "（一）予以公开", (9, 2, 1, 0, 1, 0)),
    ("partially_granted", None, "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", (3, 0, 0, 0, 0, 0)),
    ("denied_state_secret", ("（三）不予公开", 8), "1.属于国家秘密", NONE),
    ("denied_other_law", None, "2.其他法律行政法规禁止公开", NONE),
    ("denied_security_stability", None, "3.危及“三安全一稳定”", NONE),
    ("denied_third_party", None, "4.保护第三方合法权益", (1, 1, 0, 0, 0, 0)),
    ("denied_internal_affairs", None, "5.属于三类内部事务信息", (1, 0, 0, 0, 0, 0)),
    ("denied_process_info", None, "6.属于四类过程性信息", (0, 0, 0, 0, 1, 0)),
    ("denied_enforcement_file", None, "7.属于行政执法案卷", NONE),
    ("denied_admin_inquiry", None, "8.属于行政查询事项", NONE),
    ("unavailable_not_held", ("（四）无法提供", 3), "1.本机关不掌握相关政府信息", (5, 0, 0, 0, 0, 1)),
    ("unavailable_needs_creation", None, "2.没有现成信息需要另行制作", (1, 0, 0, 0, 0, 0)),
    ("unavailable_unclear", None, "3.补正后申请内容仍不明确", (0, 1, 0, 0, 0, 0)),
    ("rejected_petition_complaint", ("（五）不予处理", 5), "1.信访举报投诉类申请", (1, 0, 0, 0, 0, 0)),
    ("rejected_duplicate", None, "2.重复申请", NONE),
    ("rejected_publication", None, "3.要求提供公开出版物", NONE),
    ("rejected_excessive", None, "4.无正当理由大量反复申请", NONE),
    ("rejected_confirm_reissue", None, "5.要求行政机关确认或重新出具已获取信息", NONE),
    ("other_no_correction", ("（六）其他处理", 3), "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请", (1, 0, 0, 0, 0, 0)),
    ("other_unpaid_fee", None, "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请", NONE),
    ("other_other", None, "3.其他", NONE),
]
NEW, CARRIED_IN, CARRIED_FORWARD = (21, 4, 1, 0, 2, 0), (2, 0, 0, 0, 0, 1), (1, 0, 0, 0, 0, 0)
HANDLED = tuple(map(sum, zip(*(row[3] for row in OUTCOMES))))
REVIEWS = [("reconsideration", (1, 0, 0, 1)), ("litigation_direct", (0, 0, 1, 0)), ("litigation_after_reconsideration", (1, 0, 0, 0))]
RESULTS = ["upheld", "corrected", "other", "pending", "total"]
FIVE = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]

# ---- text ----------------------------------------------------------------------------------------------------------------------------------
BEFORE = [
    f"{AGENCY}按照《中华人民共和国政府信息公开条例》第五十条编制本报告，统计期限自{YEAR}年1月1日起至{YEAR}年12月31日止。",
    "一、总体情况",
    "我局管护城区公园十七座、行道树六万余株，公开工作围绕市民看得见的绿地展开。",
    "（一）主动公开。全年公开树木移植、公园改造和养护招标信息二百余条，行道树修剪计划提前七日张贴在路段现场。",
    f"（二）依申请公开。本年新收政府信息公开申请{sum(NEW)}件，上年结转{sum(CARRIED_IN)}件，已办结{sum(HANDLED)}件，结转下年度继续办理{sum(CARRIED_FORWARD)}件。",
    "（三）政府信息管理。古树名木档案逐株编号，公开前由保护科和法规科双人核对位置精度。",
    "（四）政府信息公开平台建设。门户网站设“身边的绿地”专栏，与公园入口二维码指向同一页面。",
    "（五）监督保障。把答复时限写入岗位责任书，年中抽查一次，年末通报一次。",
]
AFTER = [
    "五、存在的主要问题及改进情况",
    "养护标段的公开口径各不相同，市民难以比较。下一年将统一标段公开表，并邀请居民代表试读。",
    "六、其他需要报告的事项",
    "本年度未收取信息处理费。",
]
HEADS = {"disclosures": "二、主动公开政府信息情况", "applications": "三、收到和处理政府信息公开申请情况", "reviews": "四、政府信息公开行政复议、行政诉讼情况"}


# ---- the tables: rows of (text or number, columns, rows) --------------------------------------------------------------------------------------
def tables():
    one = [[("第二十条第（一）项", 4, 1)], [("信息内容", 1, 1), ("本年制发件数", 1, 1), ("本年废止件数", 1, 1), ("现行有效件数", 1, 1)]]
    one += [[(label, 1, 1)] + [(n, 1, 1) for n in numbers] for _, label, numbers in DOCUMENTS]
    for _, head, rows in DECISIONS:
        one += [[(head, 4, 1)], [("信息内容", 1, 1), ("本年处理决定数量", 3, 1)]]
        one += [[(label, 1, 1), (n, 3, 1)] for _, label, n in rows]
    one += [[("第二十条第（八）项", 4, 1)], [("信息内容", 1, 1), ("本年收费金额（单位：万元）", 3, 1)], [("行政事业性收费", 1, 1), (FEE, 3, 1)]]

    def numbers(row):
        return [(n, 1, 1) for n in row] + [(sum(row), 1, 1)]

    two = [
        [("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3), ("申请人情况", 7, 1)],
        [("自然人", 1, 2), ("法人或其他组织", 5, 1), ("总计", 1, 2)],
        [(t, 1, 1) for t in ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")],
        [("一、本年新收政府信息公开申请数量", 3, 1)] + numbers(NEW),
        [("二、上年结转政府信息公开申请数量", 3, 1)] + numbers(CARRIED_IN),
    ]
    grouped = 0
    for i, (_, group, label, row) in enumerate(OUTCOMES):
        line = [("三、本年度办理结果", 1, len(OUTCOMES) + 1)] if i == 0 else []
        if group:
            line.append((group[0], 1, group[1]))
            grouped = group[1]
        line.append((label, 1 if grouped else 2, 1))
        grouped = max(0, grouped - 1)
        two.append(line + numbers(row))
    two += [[("（七）总计", 2, 1)] + numbers(HANDLED), [("四、结转下年度继续办理", 3, 1)] + numbers(CARRIED_FORWARD)]
    three = [
        [("行政复议", 5, 1), ("行政诉讼", 10, 1)],
        [(t, 1, 2) for t in FIVE] + [("未经复议直接起诉", 5, 1), ("复议后起诉", 5, 1)],
        [(t, 1, 1) for t in FIVE * 2],
        [(n, 1, 1) for _, row in REVIEWS for n in (*row, sum(row))],
    ]
    return {"disclosures": (4, one), "applications": (10, two), "reviews": (15, three)}


def placed(columns, rows):
    """The rows with the column where each cell starts: rows of (column, text, columns, rows)."""
    under = [0] * columns
    for row in rows:
        line, at = [], 0
        for text, across, down in row:
            while under[at]:
                at += 1
            line.append((at, text, across, down))
            under[at : at + across] = [down] * across
            at += across
        yield line
        under = [max(0, n - 1) for n in under]


def expected():
    cells = {}
    for code, _, row in DOCUMENTS:
        cells |= {f"disclosures.{code}.{c}": n for c, n in zip(("issued", "repealed", "in_force"), row)}
    cells |= {f"disclosures.{code}.decisions": n for _, _, rows in DECISIONS for code, _, n in rows}
    cells["disclosures.admin_fee.amount"] = FEE
    rows = [("new_received", NEW), ("carried_in", CARRIED_IN)] + [(o[0], o[3]) for o in OUTCOMES] + [("outcome_total", HANDLED), ("carried_forward", CARRIED_FORWARD)]
    for code, row in rows:
        cells |= {f"applications.{code}.{c}": n for c, n in zip(APPLICANTS + ["total"], (*row, sum(row)))}
    for code, row in REVIEWS:
        cells |= {f"reviews.cases.{code}_{r}": n for r, n in zip(RESULTS, (*row, sum(row)))}
    return {"agency": AGENCY, "year": YEAR, "form": "2021", "form_applications": "2021", "cells": cells}


def blocks():
    """The report in order: ("title" | "text" | "table", content)."""
    yield "title", TITLE
    yield from (("text", t) for t in BEFORE)
    for name, table in tables().items():
        yield "text", HEADS[name]
        yield "table", table
    yield from (("text", t) for t in AFTER)


# ---- text formats --------------------------------------------------------------------------------------------------------------------------
def as_html():
    out = [f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head><meta charset="utf-8"><title>{TITLE}</title></head>\n<body>']
    for kind, x in blocks():
        if kind == "title":
            out.append(f"<h1>{x}</h1>")
        elif kind == "text":
            out.append(f"<p>{html.escape(x, quote=False)}</p>")
        else:
            out.append('<table border="1">')
            for row in x[1]:
                span = lambda a, d: (f' colspan="{a}"' if a > 1 else "") + (f' rowspan="{d}"' if d > 1 else "")
                out.append("<tr>" + "".join(f"<td{span(a, d)}>{t}</td>" for t, a, d in row) + "</tr>")
            out.append("</table>")
    return "\n".join(out + ["</body>\n</html>\n"])


def as_text():
    out = []
    for kind, x in blocks():
        if kind == "table":
            for row in placed(*x):
                line = [""] * x[0]
                for at, t, _, _ in row:
                    line[at] = str(t)
                out.append("\t".join(line).rstrip("\t"))
        else:
            out.append(x)
    return "\n".join(out) + "\n"


def as_markdown():
    out = []
    for kind, x in blocks():
        if kind == "title":
            out += [f"# {x}", ""]
        elif kind == "text":
            out += [f"## {x}" if re.match("[一二三四五六]、", x) else x, ""]
        else:
            for i, row in enumerate(placed(*x)):
                line = [""] * x[0]
                for at, t, _, _ in row:
                    line[at] = str(t)
                out.append("| " + " | ".join(line) + " |")
                if i == 0:
                    out.append("|" + " --- |" * x[0])
            out.append("")
    return "\n".join(out)


# ---- office formats ------------------------------------------------------------------------------------------------------------------------
def repack(data, keep=lambda name: True):
    """The same zip with fixed times and fixed dates in its metadata."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    date = WHEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name in filter(keep, source.namelist()):
            body = source.read(name)
            if name in ("docProps/core.xml", "meta.xml"):
                body = re.sub(rb"(<(?:dcterms:created|dcterms:modified|dc:date|meta:creation-date)\b[^>]*>)[^<]*", rb"\g<1>" + date, body)
                body = re.sub(rb"(<meta:editing-duration>)[^<]*", rb"\g<1>PT0S", body)
            if name == "settings.xml":  # a random mark of LibreOffice's
                body = re.sub(rb'("Rsid" config:type="int">)[0-9]+', rb"\g<1>0", body)
            entry = zipfile.ZipInfo(name, WHEN.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            target.writestr(entry, body)
    return out.getvalue()


def as_docx():
    d = docx.Document()
    for part in (d.part, d.part.package):  # the template's picture, themes and spare styles are not needed
        for key in [k for k, r in part.rels.items() if r.reltype.rsplit("/", 1)[1] in ("thumbnail", "theme", "stylesWithEffects", "webSettings", "numbering", "customXml", "fontTable")]:
            del part.rels[key]
    styles = d.styles.element
    for style in [s for s in styles.style_lst if s.name_val not in ("Normal", "Title", "Table Grid", "Normal Table", "Default Paragraph Font", "No List")]:
        styles.remove(style)
    for latent in styles.xpath("w:latentStyles"):
        styles.remove(latent)
    for kind, x in blocks():
        if kind == "table":
            table = d.add_table(len(x[1]), x[0], style="Table Grid")
            for r, row in enumerate(placed(*x)):
                for at, t, across, down in row:
                    cell = table.cell(r, at)
                    if across > 1 or down > 1:
                        cell = cell.merge(table.cell(r + down - 1, at + across - 1))
                    cell.text = str(t)
        else:
            d.add_paragraph(x, style="Title" if kind == "title" else None)
    d.core_properties.title = TITLE
    out = io.BytesIO()
    d.save(out)
    return repack(out.getvalue())


SPREAD = {"disclosures": [0, 6, 9, 12, 15], "applications": [0, 1, 3, 8, 9, 10, 11, 12, 13, 14, 15], "reviews": list(range(16))}


def sheet_rows():
    """One sheet of 15 columns, as a person fills it: rows of (column, text, columns, rows); each text is a row merged over all columns."""
    names = iter(SPREAD)
    for kind, x in blocks():
        if kind != "table":
            yield kind, [(0, x, 15, 1)]
            continue
        edge = SPREAD[next(names)]
        for row in placed(*x):
            yield kind, [(edge[at], t, edge[at + across] - edge[at], down) for at, t, across, down in row]


def as_xlsx():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "年度报告"
    thin = Side("thin")
    for r, (kind, row) in enumerate(sheet_rows(), 1):
        for at, t, across, down in row:
            cell = sheet.cell(r, at + 1, t)
            cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="left" if kind == "text" else "center")
            if kind == "title":
                cell.font = Font(bold=True, size=16)
            if kind == "table":
                cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
            if across > 1 or down > 1:
                sheet.merge_cells(start_row=r, end_row=r + down - 1, start_column=at + 1, end_column=at + across)
    book.properties.created = book.properties.modified = WHEN
    out = io.BytesIO()
    book.save(out)
    return repack(out.getvalue())


def as_xls():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("年度报告")
    for r, (_, row) in enumerate(sheet_rows()):
        for at, t, across, down in row:
            sheet.write_merge(r, r + down - 1, at, at + across - 1, t) if across > 1 or down > 1 else sheet.write(r, at, t)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_mht():
    """The page as browsers save it: one part in quoted-printable, its encoding in the head of the part."""
    root = email.mime.multipart.MIMEMultipart("related", boundary="----=_NextPart_000", type="text/html")
    root["From"], root["Subject"] = "<Saved by a browser>", "report"
    part = email.mime.nonmultipart.MIMENonMultipart("text", "html", charset="gb2312")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    page = as_html().replace('charset="utf-8"', 'charset="gb2312"')
    part.set_payload(quopri.encodestring(page.encode("gb18030")).decode())
    root.attach(part)
    return root.as_bytes().replace(b"\n", b"\r\n")


LOOKS = rb"brdr(s|w|cf|none)|clbrdr[tblr]|clpadf?[tblr]|trpaddf?[tblr]|af|afs|alang|lang|langfe|kerning|sl|slmult|sb|sa|ql|fs|cf|rtlch|ltrch|ltrpar|ltrrow|trql|widctlpar|hyphpar|s"


def without_looks(data):
    """Rich text without the words that say how it looks, which are nine tenths of it."""
    head, body = data.split(b"\\trowd", 1)
    return head + re.sub(rb"\\(" + LOOKS + rb")(-?[0-9]+)?(?![a-z0-9-]) ?", b"", b"\\trowd" + body)


def by_libreoffice(data, suffix, target):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / f"report.{suffix}").write_bytes(data)
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", target, "--outdir", folder / "out", folder / f"report.{suffix}"], check=True, capture_output=True)
        made = next((folder / "out").iterdir()).read_bytes()
        if not made.startswith(b"PK"):
            return made
        # The settings and the picture of the first page carry nothing of the report.
        return repack(made, lambda n: not n.startswith(("Thumbnails/", "Configurations2/")))


# ---- OFD (GB/T 33190-2016) -------------------------------------------------------------------------------------------------------------------
SHEET, MARGIN, BOTTOM = (210, 297), 25, 270
WIDTHS = {4: [4, 2, 2, 2], 10: [2, 5, 9] + [3] * 7, 15: [1] * 15}


def em(text):
    return sum(0.5 if ord(c) < 0x2000 else 1 for c in text)


def wrapped(text, width, size):
    lines = [""]
    for c in text:
        if em(lines[-1] + c) * size > width:
            lines.append("")
        lines[-1] += c
    return lines


def mm(number):
    return f"{number:.3f}".rstrip("0").rstrip(".")


def steps(text, size):
    """The steps from character to character, equal ones counted."""
    widths = [mm(em(c) * size) for c in text[:-1]]
    runs = [(width, len(list(same))) for width, same in itertools.groupby(widths)]
    return " ".join(f"g {count} {width}" if count > 2 else " ".join([width] * count) for width, count in runs)


class Paper:
    """Pages with text and lines in millimetres."""

    def __init__(self):
        self.pages = []
        self.turn()

    def turn(self):
        self.pages.append([])
        self.y = MARGIN

    def text(self, x, y, size, text):
        delta = f' DeltaX="{steps(text, size)}"' if len(text) > 1 else ""
        code = f'<ofd:TextCode X="0" Y="{mm(size * 0.85)}"{delta}>{html.escape(text, quote=False)}</ofd:TextCode>'
        self.pages[-1].append(f'TextObject ID="@" Boundary="{mm(x)} {mm(y)} {mm(em(text) * size)} {mm(size)}" Font="3" Size="{mm(size)}">{code}</ofd:TextObject>')

    def line(self, x0, y0, x1, y1):
        box = f"{mm(x0 - 0.1)} {mm(y0 - 0.1)} {mm(x1 - x0 + 0.2)} {mm(y1 - y0 + 0.2)}"
        self.pages[-1].append(f'PathObject ID="@" Boundary="{box}" LineWidth="0.2"><ofd:AbbreviatedData>M 0.1 0.1 L {mm(x1 - x0 + 0.1)} {mm(y1 - y0 + 0.1)}</ofd:AbbreviatedData></ofd:PathObject>')

    def paragraph(self, text, size, indent=0, is_centred=False):
        width = SHEET[0] - 2 * MARGIN
        for line in wrapped("　" * indent + text, width, size):
            if self.y + 1.6 * size > BOTTOM:
                self.turn()
            bare = line.lstrip("　")
            x = MARGIN + (width - em(line) * size) / 2 if is_centred else MARGIN + em(line[: len(line) - len(bare)]) * size
            self.text(x, self.y + 0.3 * size, size, bare)
            self.y += 1.6 * size

    def table(self, columns, rows, size=3.0):
        unit = (SHEET[0] - 2 * MARGIN) / sum(WIDTHS[columns])
        edges = [MARGIN + unit * sum(WIDTHS[columns][:at]) for at in range(columns + 1)]
        cells = [(at, row, across, down, wrapped(str(text), edges[at + across] - edges[at] - 1, size)) for row, line in enumerate(placed(columns, rows)) for at, text, across, down in line]
        heights = [6.0] * len(rows)
        for _, row, _, down, lines in cells:
            if down == 1:
                heights[row] = max(heights[row], len(lines) * 1.3 * size + 1)
        for _, row, _, down, lines in cells:
            if 1 < down < 10:
                heights[row + down - 1] += max(0, len(lines) * 1.3 * size + 1 - sum(heights[row : row + down]))
        first = 0
        while first < len(rows):
            last = first
            # The rows of a head stay together.
            while last < len(rows) and self.y + sum(heights[first : last + 1]) <= BOTTOM:
                last += 1
            if last < min(first + 4, len(rows)):
                self.turn()
                continue
            tops = {row: self.y + sum(heights[first:row]) for row in range(first, last + 1)}
            for at, row, across, down, lines in cells:
                upper, lower = max(row, first), min(row + down, last)
                if upper >= lower:
                    continue
                x0, x1, y0, y1 = edges[at], edges[at + across], tops[upper], tops[lower]
                for line in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                    self.line(*line)
                top = y0 + max(0.5, (y1 - y0 - len(lines) * 1.3 * size) / 2)
                for number, text in enumerate(lines if row >= first else []):
                    self.text((x0 + x1 - em(text) * size) / 2, top + number * 1.3 * size, size, text)
            self.y = tops[last] + 2
            first = last
            if first < len(rows):
                self.turn()


def as_ofd():
    paper = Paper()
    for kind, x in blocks():
        if kind == "table":
            paper.table(*x)
        else:
            paper.paragraph(x, 6 if kind == "title" else 4.5, 0 if kind == "title" else 2, kind == "title")
    head, xmlns = '<?xml version="1.0" encoding="UTF-8"?>\n', 'xmlns:ofd="http://www.ofdspec.org/2016"'
    number = itertools.count(100)
    parts = {"OFD.xml": f'<ofd:OFD {xmlns} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0123456789abcdef0123456789abcdef</ofd:DocID><ofd:Title>{TITLE}</ofd:Title></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'}
    pages = "".join(f'<ofd:Page ID="{at + 10}" BaseLoc="Pages/Page_{at}/Content.xml"/>' for at in range(len(paper.pages)))
    area = f"<ofd:PageArea><ofd:PhysicalBox>0 0 {SHEET[0]} {SHEET[1]}</ofd:PhysicalBox></ofd:PageArea>"
    parts["Doc_0/Document.xml"] = f'<ofd:Document {xmlns}><ofd:CommonData><ofd:MaxUnitID>99999</ofd:MaxUnitID>{area}<ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:TemplatePage ID="4" ZOrder="Background" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData><ofd:Pages>{pages}</ofd:Pages></ofd:Document>'
    parts["Doc_0/PublicRes.xml"] = f'<ofd:Res {xmlns} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="SimSun" FamilyName="SimSun"/></ofd:Fonts></ofd:Res>'
    foot = Paper()
    foot.text(MARGIN, 12, 3, AGENCY)
    foot.line(MARGIN, 16, SHEET[0] - MARGIN, 16)
    for name, objects, used in [("Tpls/Tpl_0", foot.pages[0], "")] + [(f"Pages/Page_{at}", page, '<ofd:Template TemplateID="4"/>') for at, page in enumerate(paper.pages)]:
        inside = "".join("<ofd:" + item.replace("@", str(next(number)), 1) for item in objects)
        parts[f"Doc_0/{name}/Content.xml"] = f'<ofd:Page {xmlns}>{used}<ofd:Content><ofd:Layer ID="{next(number)}" Type="Body">{inside}</ofd:Layer></ofd:Content></ofd:Page>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, WHEN.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, (head + text).encode())
    return out.getvalue()


# ---- containers ----------------------------------------------------------------------------------------------------------------------------
class GbkEntry(zipfile.ZipInfo):
    """An entry as older Chinese Windows tools write it: the name in GBK, no mark that says so."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), 0


def as_zip(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in entries:
            entry = GbkEntry(name, WHEN.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    return out.getvalue()


def as_tar(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as target:
        for name, data in entries:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), STAMP
            target.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "tests/formats")
    folder.mkdir(parents=True, exist_ok=True)
    page, text, word, book = as_html().encode(), as_text().encode(), as_docx(), as_xlsx()
    made = {"report.html": page, "report.txt": text, "report.md": as_markdown().encode(), "report.docx": word, "report.xlsx": book, "report.xls": as_xls(), "report.mht": as_mht(), "report.ofd": as_ofd()}
    if shutil.which("soffice"):
        made["lo_report.docx"] = by_libreoffice(word, "docx", "docx:MS Word 2007 XML")
        made["report.odt"] = by_libreoffice(word, "docx", "odt")
        made["report.doc"] = by_libreoffice(word, "docx", "doc:MS Word 97")
        made["report.rtf"] = without_looks(by_libreoffice(word, "docx", "rtf"))
        made["report.ods"] = by_libreoffice(book, "xlsx", "ods")
        made["report.pdf"] = by_libreoffice(word, "docx", "pdf")
    name = f"{AGENCY}{YEAR}年年报"
    made["report.zip"] = as_zip([(f"年报/{name}.docx", word), (f"年报/{name}.html", page)])
    made["report.tar.gz"] = gzip.compress(as_tar([(f"年报/{name}.html", page), (f"年报/{name}.txt", text)]), mtime=STAMP)
    made["report.html.gz"] = gzip.compress(page, mtime=STAMP)
    made["report.html.zst"] = zstandard.ZstdCompressor(level=19).compress(page)
    made["expected.json"] = (json.dumps(expected(), ensure_ascii=False, indent=1) + "\n").encode()
    for file, data in made.items():
        (folder / file).write_bytes(data)
        print(f"{len(data):7} {file}")


if __name__ == "__main__":
    main()
