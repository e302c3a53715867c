"""Which Chinese characters after a certain place are a name: surname table and stop words.

Surnames: the most frequent ones of the Ministry of Public Security's yearly name reports, and the
compound surnames of the Hundred Family Surnames still in use.
"""

from __future__ import annotations

import re

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施"
    "文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗谷盛"
    "曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏"
    "席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封"
    "張劉陳楊黃趙吳孫馬許韓馮鄧蕭葉蘇魏呂盧鐘譚陸範賈韋鄒賀顧龔錢嚴湯溫龐顏莊聶魯歐關蘭單塗駱藍饒"
)
COMPOUND = frozenset(
    "欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 司空 夏侯 端木 轩辕 独孤 "
    "南宫 西门 东郭 百里 呼延 闻人 澹台 公冶 申屠 太史 钟离 歐陽 司馬 諸葛 東方 長孫".split()
)
# Words that go on after a name, or that only look like one.
_STOP = re.compile(
    "[的了是由在我你您他她它们和与跟及或也都就还没不要想有来去到从给把被让请帮问说看查买卖退换订下上取寄收发送付打"
    "叫住这那哪怎什吗呢吧啊呀哦哈嘛今昨号码电手邮地址身客服需能会得很太再又刚已麻谢为对但所且果们个位件单只办改填写"
    "绑注申购用过做开]|明天|可以|可能|真的|先生|联系|性别|年龄|月底|家住|家里|家在|微信|密码|账号|快递|之前|因为|如果"
    "|而且|女士|小姐|男|女|转账|转人"
)
_OTHER = frozenset(
    "高级 高中 方式 安排 全称 简称 简写 方案 方便 全部 全额 全家 高度 平常 金额 高额 黄金 马上 "
    "时间 时候 温度 应该 高兴 经理 包裹 包邮 成功 关于 平台 单位 都是 连接 "
    "空调 白色 黄色 金色 曾经 单车 解决 师傅 司机 边上 费用 商家 商品 商城 "
    "安装 安卓 查询 明细 和谐 于是 万一 任何 常用 安全 石油 江苏 华为 "
    "龙虾 牛肉 米饭 水果 麦当 车辆 简单 管理 路由 文件 文字 房东 房间 "
    "宁波 成都 温馨".split()
)
# Transliterations use almost any other character: 买买提.
_NEVER_GIVEN = frozenset("的了是在想要请我您你他她和手电命")
_HAN = re.compile("[\u3400-\u9fff]")
_DOTTED = re.compile("((?:[\u3400-\u9fff]{1,8}[·•・]){1,3})[\u3400-\u9fff]{1,6}")
_MOST_GIVEN = 2


def name_end(text: str, start: int, *, given_least: int = 1) -> int | None:
    """Where the name that begins at `start` ends; None if none does.

    Without word spaces the end is a guess: up to two given characters, unless one of them begins
    a word that usually follows a name.
    """
    if _STOP.match(text, start):
        return None
    dotted = _DOTTED.match(text, start)
    if dotted:
        return _until_stop(text, dotted.end(1), dotted.end())
    if text[start : start + 2] in COMPOUND:
        position = start + 2
    elif text[start : start + 1] in SURNAMES and text[start : start + 2] not in _OTHER:
        position = start + 1
    else:
        return None
    given = 0
    while given < _MOST_GIVEN and _HAN.match(text, position) and not _STOP.match(text, position):
        position, given = position + 1, given + 1
    return position if given >= given_least else None


def never_ends(character: str) -> bool:
    """Whether names do not end in it: it begins a word that often follows one."""
    return _STOP.match(character) is not None


def _until_stop(text: str, start: int, end: int) -> int:
    """Of the last part at least one character belongs to the name."""
    return next((place for place in range(start + 1, end) if text[place] in _NEVER_GIVEN), end)
