//! The tables themselves.
//!
//! A line of a column: name, type, what a null means in round brackets, the unit in curly ones, the
//! list of codes in square ones, then what it says in Chinese and English, title first.

use super::{Column, ColumnType, Foreign, Key, Null, Table};

const BYTES: [&str; 2] = ["字节", "bytes"];
const CASES: [&str; 2] = ["件", "cases"];
const CHECKS_UNIT: [&str; 2] = ["项", "checks"];
const REPORTS_UNIT: [&str; 2] = ["份", "reports"];
const REQUESTS: [&str; 2] = ["件", "requests"];

macro_rules! columns {
    ($($name:ident $type:ident $(($null:ident))? $({$unit:ident})? $([$codes:literal])? $zh:literal $en:literal,)+) => {
        &[$(Column {
            name: stringify!($name),
            column_type: ColumnType::$type,
            null: columns!(@null $($null)?),
            unit: columns!(@option $($unit)?),
            codes: columns!(@option $($codes)?),
            about: [$zh, $en],
        },)+]
    };
    (@null $null:ident) => { Null::$null };
    (@null) => { Null::Never };
    (@option $value:expr) => { Some($value) };
    (@option) => { None };
}

const OF_REPORT: Foreign = Foreign { columns: &["report_id"], table: "reports", to: &["report_id"] };
const OF_FILE: Foreign = Foreign { columns: &["path"], table: "files", to: &["path"] };

/// One row for every raw input.
pub const FILES: Table = Table {
    name: "files",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["文件", "Files"],
    about: [
        "遍历到的每个原始文件一行，不漏不重；压缩包和网页抓取档内的成员各占一行",
        "one row for every raw input that was met, none missing and none twice; members of containers have rows of their own",
    ],
    key: Key::Primary(&["path"]),
    foreign: &[],
    columns: columns! {
        path Text "路径；相对于输入文件夹，以 / 分隔，压缩包成员写作 包!/成员" "path; relative to its INPUT, / separated, container!/file inside a container; % as %25, ! at the end of a folder as %21",
        file_id Text (Unread) "文件号；SHA-256 的前 32 位" "id of the bytes; first 32 hex digits of their SHA-256",
        size_bytes Int64 (Unread) {BYTES} "大小" "length of the bytes",
        sha256 Text (Unread) "SHA-256" "SHA-256 of the bytes; as sha256sum prints it",
        format Text ["format"] "格式；按内容判定" "what the bytes are; found by content",
        encoding Text (Inapplicable) "文字编码；WHATWG 名称" "text encoding used; by its WHATWG name, null for what is no text",
        outcome Text ["outcome"] "处理结果" "what became of the file",
        report_count Int32 {REPORTS_UNIT} "所含报告数" "reports found in it",
        detail Text (Inapplicable) "说明；重复文件写首个同内容文件的路径" "one sentence on the outcome; for a duplicate the first path with the same bytes",
    },
};

/// One row for every report, accepted or not.
pub const REPORTS: Table = Table {
    name: "reports",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["报告", "Reports"],
    about: [
        "每份年度报告一行，采信与否均在内；其他各表以 report_id 与之相连",
        "one row for every report, accepted or not; all other tables join it by report_id",
    ],
    key: Key::Primary(&["report_id"]),
    foreign: &[OF_FILE, Foreign { columns: &["duplicate_of"], table: "reports", to: &["report_id"] }],
    columns: columns! {
        report_id Text "报告号；file_id 前 16 位、-、文件内序号" "id of the report; first 16 hex digits of file_id, -, ordinal in the file",
        file_id Text "文件号" "id of the file it was found in",
        path Text "文件路径" "path of that file",
        status Text ["status"] "处理状态" "accepted, quarantined or duplicate",
        duplicate_of Text (Inapplicable) "与之重复的报告" "the report to use instead",
        is_current Bool "是否现用版本；同一机关同一年度只有一份" "the one version of an agency-year to use",
        corrected Bool "是否经人工更正" "a person corrected a cell of it",
        agency Text (Unknown) "行政机关；取正文最完整的写法" "name of the reporting body; its longest printed form",
        agency_id Text (Unknown) "机关号；不随年度和文件改变" "stable id of the body; null while its region is unknown",
        region_code Text (Unknown) "行政区划代码；GB/T 2260" "code of the administrative division; GB/T 2260",
        province Text (Unknown) "省级" "province",
        city Text (Unknown) "地级" "prefecture",
        county Text (Unknown) "县级" "county",
        township Text (Unknown) "乡级" "township",
        level Text ["level"] "行政层级" "administrative level",
        sector Text (Unknown) ["sector"] "部门类别" "sector of the body",
        scope Text ["scope"] "报告口径；本机关、本地区或本系统汇总" "whom the report covers; a jurisdiction or system contains its agencies: never add both",
        year Int32 (Unknown) "报告年度" "report year",
        period_start Date (Absent) "统计起始日" "first day reported on",
        period_end Date (Absent) "统计截止日" "last day reported on",
        form Text (Inapplicable) ["form"] "表式；取自主动公开表或 2014 年统计表" "form of the disclosures table or of the statistics sheet; null for free prose",
        form_applications Text (Inapplicable) ["form"] "申请表的表式" "form of the applications table",
        title Text (Absent) "标题" "title as printed",
        url Text (Absent) "网址" "address of the page",
        published Date (Absent) "发布日期" "day of publication",
        contact_address Text (Absent) "联系地址；照原文" "contact address as printed",
        contact_postcode Text (Absent) "邮政编码；照原文" "contact postcode as printed",
        contact_phone Text (Absent) "联系电话；照原文" "contact phone as printed",
        contact_fax Text (Absent) "传真；照原文" "contact fax as printed",
        contact_email Text (Absent) "电子邮箱；照原文" "contact mail address as printed",
        layout Text ["layout"] "表格版式" "how its tables reached us",
        checks_pass Int32 {CHECKS_UNIT} "成立的校验数" "checks that passed",
        checks_vacuous Int32 {CHECKS_UNIT} "全零成立的校验数" "checks that passed because everything is zero",
        checks_fail Int32 {CHECKS_UNIT} "不成立的校验数" "checks that failed",
        checks_undecided Int32 {CHECKS_UNIT} "无法判定的校验数" "checks with a blank operand and no broken bound",
        checks_suspended Int32 {CHECKS_UNIT} "暂停的校验数" "checks with an operand that could not be read",
        flags Text (Inapplicable) ["flag"] "备注代码；以 ; 连接" "remarks; sorted codes joined by ;",
    },
};

/// Proactive disclosure (主动公开), accepted reports.
pub const DISCLOSURES: Table = Table {
    name: "disclosures",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["主动公开", "Proactive disclosure"],
    about: [
        "主动公开政府信息情况表，采信报告每格一行",
        "the table of proactive disclosure (主动公开政府信息情况), one row a cell of an accepted report",
    ],
    key: Key::Primary(&["report_id", "item", "measure"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        year Int32 "报告年度" "report year",
        item Text ["disclosures.row"] "项目；表中的行" "item; the row of the form",
        measure Text ["disclosures.column"] "指标；表中的列" "measure; the column of the form",
        value Float64 (Blank) "数值；金额以万元计" "the number; amounts in 万元; null for a blank, a dash or an unknown unit too",
        unit Text "计量单位" "unit of value",
        implied Bool "是否推算得出" "the value follows from other cells",
    },
};

/// Requests (申请) by applicant, accepted reports.
pub const APPLICATIONS: Table = Table {
    name: "applications",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["申请", "Requests"],
    about: [
        "收到和处理政府信息公开申请情况表的首尾各行，按申请人类别，不含合计列",
        "requests received, carried in, handled and carried forward, by kind of applicant; a printed total is no row",
    ],
    key: Key::Primary(&["report_id", "applicant"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        year Int32 "报告年度" "report year",
        applicant Text ["applications.column"] "申请人类别；unspecified 为合计中未细分的部分" "kind of applicant; unspecified for what a total leaves unexplained",
        new_received Int64 (Blank) {REQUESTS} "本年新收申请数" "requests newly received",
        carried_in Int64 (Blank) {REQUESTS} "上年结转申请数" "requests carried over from last year",
        outcome_total Int64 (Blank) {REQUESTS} "本年度办理结果总计" "requests handled",
        carried_forward Int64 (Blank) {REQUESTS} "结转下年度继续办理" "requests carried forward to next year",
    },
};

/// Outcomes of requests (本年度办理结果), accepted reports.
pub const OUTCOMES: Table = Table {
    name: "outcomes",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["办理结果", "Outcomes of requests"],
    about: [
        "申请表中本年度办理结果各末级行，按申请人类别，不含小计与总计",
        "how requests ended (本年度办理结果), by kind of applicant; subtotals and totals are no rows",
    ],
    key: Key::Primary(&["report_id", "applicant", "outcome_group", "outcome"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        year Int32 "报告年度" "report year",
        applicant Text ["applications.column"] "申请人类别" "kind of applicant; unspecified for what a total leaves unexplained",
        outcome_group Text ["outcome_group"] "结果大类" "group of the outcome",
        outcome Text ["applications.row"] "结果；表中的末级行" "outcome; the leaf row of the form, or unspecified",
        count Int64 (Blank) {REQUESTS} "件数" "requests that ended so",
        implied Bool "是否推算得出" "the count follows from other cells",
    },
};

/// Reconsideration and litigation (复议、诉讼), accepted reports.
pub const REVIEWS: Table = Table {
    name: "reviews",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["复议诉讼", "Reviews"],
    about: [
        "因政府信息公开工作被申请行政复议、提起行政诉讼情况表，不含总计",
        "administrative reconsideration and litigation over disclosure; printed totals are no rows",
    ],
    key: Key::Primary(&["report_id", "channel", "result"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        year Int32 "报告年度" "report year",
        channel Text ["channel"] "途径" "channel of the case",
        result Text ["reviews.result"] "结果" "result of the case; unspecified where only the total is printed",
        count Int64 (Blank) {CASES} "件数" "cases that ended so",
        implied Bool "是否推算得出" "the count follows from other cells",
    },
};

/// The statistics sheet of 2014 and local sheets like it, accepted reports.
pub const STATISTICS: Table = Table {
    name: "statistics",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["2014年统计表", "Statistics sheet of 2014"],
    about: [
        "2014 年起的政府信息公开情况统计表，每行一项指标，含小计",
        "the indicator sheet attached to reports of 2014 to 2018, one row an indicator; its subtotals are rows too",
    ],
    key: Key::Naming(&["report_id", "indicator", "label"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        year Int32 "报告年度" "report year",
        indicator Text (Inapplicable) ["statistics.row"] "指标；表中的行" "indicator; the row of the form, null for a local row",
        label Text "指标名称；照原文" "label of the row as printed",
        value Float64 (Blank) "数值；表式自有行的金额以万元计" "the number; amounts of the sheet's own rows in 万元; null for a blank, a dash or an unknown unit too",
        unit Text (Absent) "计量单位" "unit of value",
    },
};

/// The narrative, all reports.
pub const SECTIONS: Table = Table {
    name: "sections",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["正文", "Narrative"],
    about: [
        "正文各部分，采信与否均在内；表格不在其中",
        "the prose of every report, accepted or not, by its headings; tables are left out",
    ],
    key: Key::Primary(&["report_id", "ordinal"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        year Int32 (Unknown) "报告年度" "report year",
        section Text ["section"] "部分" "code of the section",
        subsection Text (Inapplicable) ["subsection"] "小标题代码" "code of the sub-head; other for one that no form knows",
        ordinal Int32 "序号" "number of the row in its report; from 1",
        heading Text (Absent) "标题；照原文" "heading or sub-head as printed",
        text Text "文字" "the prose under it; tables left out, lines cut by the page are joined",
    },
};

/// Numbers and zeros that the narrative states, all reports.
pub const STATEMENTS: Table = Table {
    name: "statements",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["正文数字", "Statements"],
    about: ["正文中的数字与零申报，并与表格核对", "numbers and zeros that the prose states, held against the tables"],
    key: Key::Naming(&["report_id", "ordinal", "start", "kind", "cell"]),
    foreign: &[
        OF_REPORT,
        Foreign { columns: &["report_id", "ordinal"], table: "sections", to: &["report_id", "ordinal"] },
    ],
    columns: columns! {
        report_id Text "报告号" "report",
        year Int32 (Unknown) "报告年度" "report year",
        section Text ["section"] "部分" "code of the section",
        ordinal Int32 "正文行序号" "number of the row of sections it stands in",
        kind Text ["statement"] "所述事项" "what it states; item for another count, named in the quote",
        value Float64 "数值" "the number; amounts in the unit of the kind; 0 for a zero in words",
        approximate Bool "是否约数" "the print says about or more than; or is rounded to ten thousands",
        unit Text (Absent) "量词或货币单位" "classifier as printed, or unit of money of the kind; null for a zero in words",
        quote Text "原文" "the words as printed",
        start Int64 {BYTES} "起点；在该行文字中的 UTF-8 字节数" "first byte of the quote in the text of that row; UTF-8",
        end Int64 {BYTES} "终点" "byte after the quote",
        cell Text (Inapplicable) "所指表格单元；表.行.列" "table.row.column it speaks of; several joined by ; where it speaks of their sum",
        agrees Bool (Unknown) "是否与表格一致" "the table says the same; null when a cell has no number or the statement is approximate",
    },
};

/// Every printed cell, all reports.
pub const CELLS: Table = Table {
    name: "cells",
    folder: "parquet",
    csv_folder: None,
    title: ["单元格", "Cells"],
    about: [
        "每个印出的单元格一行，含合计，采信与否均在内；供核查用",
        "the audit layer: every printed cell of every report, totals included",
    ],
    key: Key::Naming(&["report_id", "table", "row", "column", "label"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        table Text ["table"] "表" "table",
        row Text (Inapplicable) ["{table}.row"] "行" "row; null for a local row",
        column Text (Inapplicable) ["{table}.column"] "列" "column; null for a local column",
        label Text (Inapplicable) "原文标签；仅地方增设的行列" "label as printed; for a row or column without a code",
        printed Text (Absent) "原文" "what is printed; null for a cell that the source does not have",
        unit Text (Absent) "原文单位" "unit as printed",
        state Text ["state"] "单元格状态" "what kind of thing is printed",
        value Float64 (Blank) "读出的数" "the number read",
        implied Float64 (Inapplicable) "推算的数" "the number that a rule implies",
        implied_by Text (Inapplicable) ["rule"] "推算所依规则" "that rule",
        corrected Float64 (Inapplicable) "人工更正的数" "the number a person put in its place",
        flags Text (Inapplicable) ["cell_flag"] "备注代码；以 ; 连接" "remarks; codes joined by ;",
        page Int32 (Inapplicable) "页" "page of the source; from 1",
        line Int32 (Inapplicable) "行号" "line of the source; from 1",
        grid Int32 (Inapplicable) "表格序号" "grid on the page; from 1",
        grid_row Int32 (Inapplicable) "表格行" "row in the grid; from 1",
        grid_column Int32 (Inapplicable) "表格列" "column in the grid; from 1",
    },
};

/// Every rule applied, all reports.
pub const CHECKS: Table = Table {
    name: "checks",
    folder: "parquet",
    csv_folder: None,
    title: ["校验", "Checks"],
    about: [
        "每条规则在每份报告每个范围的结果，成立者也在内",
        "what came of every rule applied to every report at every scope, passes included",
    ],
    key: Key::Primary(&["report_id", "rule", "scope"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        rule Text ["rule"] "规则" "rule",
        scope Text "范围" "column, row or channel it was applied to",
        severity Text ["severity"] "严重程度" "severity of the rule",
        status Text ["check_status"] "结果" "what came out",
        left Float64 (Unknown) "左边" "known part of the left side",
        right Float64 (Unknown) "右边" "known part of the right side",
        delta Float64 (Unknown) "差" "left minus right",
    },
};

/// Ratios that one report determines, accepted reports.
pub const INDICATORS: Table = Table {
    name: "indicators",
    folder: "parquet",
    csv_folder: Some("csv"),
    title: ["指标", "Indicators"],
    about: ["由一份采信报告即可算出的比率，附分子分母", "ratios that one accepted report determines, with both sides"],
    key: Key::Primary(&["report_id", "indicator"]),
    foreign: &[OF_REPORT],
    columns: columns! {
        report_id Text "报告号" "report",
        year Int32 "报告年度" "report year",
        indicator Text ["indicator"] "指标" "indicator",
        numerator Int64 (Blank) "分子" "what is set in relation; null where a cell of it is blank",
        denominator Int64 (Blank) "分母" "to what; null where a cell of it is blank",
        value Float64 (Inapplicable) "比值" "numerator by denominator; null where one is null or the denominator is 0 or less",
    },
};

/// One report against another: last year's cells, missing years, same figures.
pub const LINKS: Table = Table {
    name: "links",
    folder: "parquet",
    csv_folder: None,
    title: ["报告间核对", "Links"],
    about: [
        "一份报告与另一份的核对：上年结转、缺年、数据雷同；不成立也不隔离",
        "one report held against another: carry-over, missing years, same figures; a failure holds nothing back",
    ],
    key: Key::Primary(&["rule", "scope", "report_id", "other_report_id"]),
    foreign: &[OF_REPORT, Foreign { columns: &["other_report_id"], table: "reports", to: &["report_id"] }],
    columns: columns! {
        rule Text ["rule"] "规则" "rule",
        scope Text "范围" "column, row or channel it was applied to, table, or report",
        report_id Text "报告号；两者中较晚的" "report; the later of the two",
        other_report_id Text "对照报告号" "report that it is held against",
        status Text ["check_status"] "结果" "what came out; a failure holds nothing back",
        left Float64 (Unknown) "左边" "known part of the left side; years of a gap, number of figures that are the same",
        right Float64 (Unknown) "右边" "known part of the right side",
        delta Float64 (Unknown) "差" "left minus right",
    },
};

/// One row a problem.
pub const QUARANTINE: Table = Table {
    name: "quarantine",
    folder: "quarantine",
    csv_folder: Some("quarantine"),
    title: ["隔离", "Quarantine"],
    about: [
        "每个问题一行：错在哪里、责任在谁、如何处理",
        "one row a problem: what, where, whose fault, what would mend it",
    ],
    key: Key::Naming(&["path", "report_id", "cause", "rule", "scope"]),
    foreign: &[OF_REPORT, OF_FILE],
    columns: columns! {
        report_id Text (Inapplicable) "报告号" "report; null for a problem of the whole file",
        file_id Text (Unread) "文件号" "id of the file",
        path Text "文件路径" "path of that file",
        cause Text ["cause"] "原因" "kind of problem",
        blame Text ["blame"] "责任" "whose fault",
        rule Text (Inapplicable) ["rule"] "规则" "rule that fails",
        scope Text (Inapplicable) "范围" "scope of that rule",
        message Text "说明（英文）" "one plain sentence; what, where, what next",
        left Float64 (Inapplicable) "左边" "left side of the rule",
        right Float64 (Inapplicable) "右边" "right side of the rule",
        printed Text (Inapplicable) "该处原文" "what is printed there",
        excerpt Text (Inapplicable) "上下文" "the source around it",
        page Int32 (Inapplicable) "页" "page of the source; from 1",
        line Int32 (Inapplicable) "行号" "line of the source; from 1",
        suggested_cell Text (Inapplicable) "疑误单元；表.行.列" "table.row.column of the cell that would mend it",
        suggested_value Float64 (Inapplicable) "建议值" "the value that would mend it",
        suggestion Text (Inapplicable) "建议" "what would mend it; cell=value; cell=value",
        suggested_kind Text (Inapplicable) ["suggested_kind"] "建议类型" "kind of the suggestion",
        message_zh Text "中文说明" "the sentence in Chinese",
    },
};

/// What differs from the snapshot before; it stands at the top of the folder, apart from the data.
pub const CHANGES: Table = Table {
    name: "changes",
    folder: "",
    csv_folder: None,
    title: ["变动", "Changes"],
    about: [
        "与上一快照相比增、删、改的行；更改每列一行",
        "rows added and removed since the snapshot before, and cells of rows changed",
    ],
    key: Key::Naming(&["table", "key", "column"]),
    foreign: &[],
    columns: columns! {
        table Text "表" "table",
        key Text "行的键；各键列以 | 连接，重复者加 #2、#3" "key columns of the row joined by |; the second and later rows of one key end in #2, #3",
        column Text (Inapplicable) "列；整行增删时为空" "column that changed; null for a row added or removed",
        old Text (Inapplicable) "旧值；整行删除时为该行 JSON" "value before; a removed row as JSON",
        new Text (Inapplicable) "新值；整行增加时为该行 JSON" "value now; an added row as JSON",
        kind Text ["change"] "变动类型" "insert, update or delete",
        cause Text ["change_cause"] "变动原因" "why the row changed",
    },
};

/// All tables but `files`, in the order in which rows are built.
pub const REPORT_TABLES: [Table; 13] = [
    REPORTS,
    DISCLOSURES,
    APPLICATIONS,
    OUTCOMES,
    REVIEWS,
    STATISTICS,
    SECTIONS,
    STATEMENTS,
    CELLS,
    CHECKS,
    QUARANTINE,
    INDICATORS,
    LINKS,
];
