"""Names of authors on the line under a title."""

import re

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦"
    "贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿"
    "关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪"
    "简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_COMPOUND_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "令狐", "慕容", "尉迟", "公孙", "夏侯")
_PREFIX = re.compile(r"\s*(?:作者[：:]?|文[/／|]|\S{2,}(?:长|总理|主任|主席|书记|代表)\s(?=\S))\s*")
_TOKEN = re.compile(r"[^\s、，,;；/／]+")
_MANY = 12


def author_names(line: str) -> list[tuple[int, int]]:
    """Find the names on a line that holds nothing else, an office or ``作者：`` in front and footnote marks aside.

    Args:
        line: one line of text.

    Returns:
        Start and end of each name in the line; none when anything else stands there.

    >>> [("王小明 李 华")[a:b] for a, b in author_names("王小明 李 华")]
    ['王小明', '李 华']
    """
    prefix = _PREFIX.match(line)
    tokens = [(m.start(), m.end()) for m in _TOKEN.finditer(line, prefix.end() if prefix else 0)]
    names: list[tuple[int, int]] = []
    while tokens:
        start, end = tokens.pop(0)
        word = line[start:end].rstrip("0123456789*①②③④⑤⑥")
        end = start + len(word)
        # A name of two characters is often set with a space between them.
        if len(word) == 1 and tokens and tokens[0][1] - tokens[0][0] == 1 and line[end : tokens[0][0]].isspace():
            end = tokens.pop(0)[1]
            word += line[end - 1]
        if not _is_name(word):
            return []
        names.append((start, end))
    # A lone word of two characters is more likely a heading.
    lone = len(names) == 1 and not prefix and names[0][1] - names[0][0] == 2
    return [] if lone or len(names) > _MANY else names


def _is_name(word: str) -> bool:
    if not re.fullmatch(r"[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff]{1,8}|[\u4e00-\u9fff]{2,4}", word):
        return False
    if "·" in word or word.startswith(_COMPOUND_SURNAMES):
        return len(word) > 2
    return len(word) <= 3 and word[0] in _SURNAMES
