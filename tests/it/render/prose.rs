//! Made sentences and what stands around a page.

use super::dice::Dice;

/// Sentences of the narrative; some hold numbers that are no cells.
pub(super) const SENTENCES: [&str; 6] = [
    "全年主动公开信息105条，其中公告45条，办理建议3件。",
    "制度逐步完善，责任落实到人，公开内容按月核对。",
    "举办培训2次，参训人员60余人次，工作水平有所提高。",
    "网站栏目全面梳理，访问量达到1.2万人次。",
    "公开的及时性还有差距，解读形式较为单一。",
    "下一步将补短板、强弱项，把群众关心的事项公开到位。",
];

/// Lines above a page as its site shows them.
pub(super) fn above(year: i32) -> Vec<String> {
    vec![
        "网站首页".to_owned(),
        "> 政务公开".to_owned(),
        "> 政府信息公开年报".to_owned(),
        "无障碍浏览 | 适老化 | 繁體版".to_owned(),
        format!("发布时间：{}-01-22 09:15 来源：本站 浏览次数：135次 【字体：大 中 小】", year + 1),
        "打印 关闭".to_owned(),
    ]
}

/// Lines below a page.
pub(super) fn below(year: i32) -> Vec<String> {
    vec![
        format!("上一篇：{}年政府信息公开工作年度报告", year - 1),
        "主办：样例市人民政府办公室 备案号：虚备00001234号 网站标识码：0000000001".to_owned(),
        "联系我们 | 网站地图".to_owned(),
    ]
}

pub(super) fn contact(agency: &str, dice: &mut Dice) -> String {
    format!(
        "如有疑问，请与{agency}办公室联系（地址：虚构路{}号；邮编：000{}；电话：0000—{}；电子邮箱：a{}@example.com）。",
        1 + dice.roll(99),
        100 + dice.roll(899),
        1_000_000 + dice.roll(8_999_999),
        dice.roll(99)
    )
}

/// The lines of the title.
pub(super) fn title(agency: &str, year: i32, is_odd: bool, dice: &mut Dice) -> Vec<String> {
    if !is_odd {
        return if dice.percent(50) {
            vec![format!("{agency}{year}年政府信息公开工作年度报告")]
        } else {
            vec![agency.to_owned(), format!("{year}年政府信息公开工作年度报告")]
        };
    }
    match dice.roll(9) {
        0 => vec![format!("{agency}{year}年度政府信息公开工作年度报告")],
        1 => vec![format!("{agency} {year} 年度政府信息公开 工作年度报告")],
        2 => vec![format!("{year}年度{agency}政府信息公开年度报告")],
        3 => vec![format!("{agency}{year}年政府信息公开工作年报")],
        4 => vec![format!("{agency}{year}年政府"), "信息公开工作年度报告".to_owned()],
        5 => vec![format!("{agency}关于{year}年政府信息公开工作的年度报告")],
        6 => vec![format!("{year}年政府信息公开工作年度报告"), agency.to_owned()],
        7 => vec![format!("{agency}{year}年信息公开工作年度报告")],
        _ => vec![format!("{agency}{year}年度政府信息公开工作报告")],
    }
}

/// Characters and what a machine makes of them in traditional script.
pub(super) const TRADITIONAL: [(char, char); 64] = [
    ('开', '開'),
    ('发', '發'),
    ('数', '數'),
    ('现', '現'),
    ('规', '規'),
    ('许', '許'),
    ('处', '處'),
    ('罚', '罰'),
    ('强', '強'),
    ('业', '業'),
    ('费', '費'),
    ('额', '額'),
    ('单', '單'),
    ('万', '萬'),
    ('总', '總'),
    ('计', '計'),
    ('构', '構'),
    ('会', '會'),
    ('组', '組'),
    ('织', '織'),
    ('务', '務'),
    ('机', '機'),
    ('转', '轉'),
    ('结', '結'),
    ('请', '請'),
    ('办', '辦'),
    ('区', '區'),
    ('属', '屬'),
    ('国', '國'),
    ('项', '項'),
    ('条', '條'),
    ('类', '類'),
    ('举', '舉'),
    ('报', '報'),
    ('诉', '訴'),
    ('复', '復'),
    ('议', '議'),
    ('讼', '訟'),
    ('维', '維'),
    ('纠', '糾'),
    ('无', '無'),
    ('确', '確'),
    ('认', '認'),
    ('获', '獲'),
    ('继', '繼'),
    ('续', '續'),
    ('关', '關'),
    ('这', '這'),
    ('设', '設'),
    ('补', '補'),
    ('过', '過'),
    ('执', '執'),
    ('询', '詢'),
    ('没', '沒'),
    ('护', '護'),
    ('权', '權'),
    ('内', '內'),
    ('号', '號'),
    ('审', '審'),
    ('经', '經'),
    ('后', '後'),
    ('缴', '繳'),
    ('纳', '納'),
    ('间', '間'),
];
