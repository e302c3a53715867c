"""Names and addresses in Chinese characters, put together from the parts they are made of."""

from __future__ import annotations

import random

from opencc import OpenCC

from privacy.recognizers.chinese_names import COMPOUND

# By how often they are met: the first third of the list is drawn in two of three cases.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫"
    "孔向汤常温康施"
    "文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单"
    "裴霍涂成苗谷盛"
    "曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景"
    "党宫费卜冷晏"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红玲芬燕彬斌建国志文辉鹏飞俊峰浩宇轩"
    "梓涵雨欣怡诗琪"
    "子晨思远佳慧雪梅琳倩婷颖洁莹晓东海波健康宁波龙凤祥瑞嘉豪泽楠雯璐瑶萱可心悦然博睿一诺奕辰沐"
    "阳若曦语桐书瑶"
    "振兴德福永春秋冬夏云雷鸣山川江河湖林森木火炎金银铜铁生根柱贵富财旺发顺利安全康乐喜庆荣光耀"
    "亮星月天地仁义礼智信"
    "忠孝廉正直立成功业学习良才能勤俭朴实诚恳温柔淑贤惠珍珠宝翠碧青蓝紫白黑苗禾谷丰收小大中少彦"
    "哲翰昊煜炜烨焱晖"
    "启航凯歌越野驰骏骥麒麟鹤鹰雁莺鸿翔羽彤菲蕾薇蓉莲荷菊竹松柏桃李杏枫桦楚湘黔滇蜀秦晋鲁豫皖苏"
    "浙闽粤琼钰铭锋锐"
)
_MINORITY = (
    "阿卜杜拉 买买提 古丽 努尔 艾力 吐尔逊 阿依古丽 买合木提 热合曼 艾合买提 木合塔尔 帕提古丽 "
    "依布拉音 "
    "赛力克 叶尔波力 巴特尔 乌兰 其其格 苏和 哈斯 图雅 娜仁 托娅 那日苏 阿拉坦"
).split()
_TIBETAN = (
    "扎西 卓玛 多吉 次仁 央金 顿珠 平措 旺堆 拉姆 丹增 格桑 尼玛 达瓦 索朗 白玛 洛桑 仁青".split()
)
_PROVINCES = (
    "北京市 上海市 天津市 重庆市 河北省 山西省 辽宁省 吉林省 黑龙江省 江苏省 浙江省 安徽省 "
    "福建省 江西省 山东省 河南省 "
    "湖北省 湖南省 广东省 海南省 四川省 贵州省 云南省 陕西省 甘肃省 青海省 内蒙古自治区 "
    "广西壮族自治区 西藏自治区 "
    "宁夏回族自治区 新疆维吾尔自治区"
).split()
CITIES = (
    "北京 上海 天津 重庆 石家庄 唐山 保定 太原 大同 沈阳 大连 鞍山 长春 吉林 哈尔滨 齐齐哈尔 "
    "南京 苏州 无锡 常州 徐州 南通 "
    "扬州 杭州 宁波 温州 嘉兴 绍兴 金华 台州 合肥 芜湖 蚌埠 福州 厦门 泉州 漳州 南昌 赣州 九江 "
    "济南 青岛 烟台 潍坊 临沂 "
    "郑州 洛阳 开封 南阳 武汉 宜昌 襄阳 长沙 株洲 湘潭 岳阳 广州 深圳 珠海 东莞 佛山 惠州 中山 "
    "汕头 湛江 海口 三亚 成都 "
    "绵阳 德阳 宜宾 贵阳 遵义 昆明 大理 丽江 西安 咸阳 宝鸡 兰州 天水 西宁 银川 乌鲁木齐 喀什 "
    "呼和浩特 包头 南宁 桂林 柳州 拉萨"
).split()
_DISTRICTS = (
    "朝阳区 海淀区 东城区 西城区 丰台区 浦东新区 徐汇区 静安区 闵行区 杨浦区 黄浦区 南山区 "
    "福田区 罗湖区 宝安区 龙岗区 天河区 "
    "越秀区 番禺区 白云区 西湖区 余杭区 滨江区 萧山区 鼓楼区 玄武区 江宁区 建邺区 武侯区 "
    "锦江区 高新区 青羊区 渝中区 江北区 "
    "沙坪坝区 雁塔区 碑林区 未央区 江汉区 洪山区 武昌区 岳麓区 天心区 思明区 湖里区 市南区 "
    "崂山区 历下区 和平区 沈河区 南开区 "
    "姑苏区 吴中区 昆山市 常熟市 义乌市 慈溪市 晋江市 长沙县 清丰县 平阳县 新都区 经开区 "
    "开发区 市北区 新城区 城关区 桥西区"
).split()
_TOWNS = (
    "望京街道 中关村街道 西丽街道 城关镇 太平镇 龙泉镇 柳林镇 东风乡 红旗镇 新桥镇 石桥镇 "
    "沙河镇 双桥镇 三里屯街道 五道口 "
    "张江镇 莘庄镇 周浦镇 虎门镇 长安镇 大岭山镇 北七家镇 回龙观 天通苑"
).split()
_ROAD = (
    "人民 解放 建设 中山 和平 长江 黄河 建国 复兴 文化 学院 科技 创新 光明 朝阳 幸福 友谊 团结 "
    "胜利 新华 迎宾 滨河 滨海 环城 "
    "北京 南京 上海 天山 泰山 华山 太湖 西湖 金融 体育 工业 园区 东风 前进 青年 五一 八一 凤凰 "
    "龙华 桂花 梧桐 翠微 莲花 玉泉 锦绣 "
    "世纪 淮海 四川 延安 陆家嘴 张杨 望江 天府 芙蓉 湘江 珠江 花城 深南 滨江 沿河 科苑 银杏 向阳"
).split()
_ROAD_KIND = (
    "路",
    "路",
    "路",
    "街",
    "大道",
    "大街",
    "东路",
    "西路",
    "南路",
    "北路",
    "中路",
    "巷",
    "胡同",
)
_ESTATE = (
    "阳光 万科 碧桂园 恒大 保利 绿城 龙湖 华润 金地 中海 融创 世茂 水岸 丽景 御景 翠湖 香榭 "
    "东方 幸福 锦绣 紫金 天鹅 望江 和谐 "
    "盛世 书香 春江 名都 国际 时代 未来 科技 创业 星河 海上 云谷 金色 桃源 梧桐 银湖 学府 金桂"
).split()
_ESTATE_KIND = (
    "花园 小区 公寓 家园 苑 城 广场 大厦 府 湾 新村 名邸 庄园 一期 二期 三期 公馆 华庭 科技园 "
    "工业园 写字楼 中心 宿舍 大学 小学 医院"
).split()
_READ_OUT = "一二三四五六七八九十"


class ChineseFillers:
    """Every draw is the random generator's."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._compound = sorted(COMPOUND)
        self._traditional = OpenCC("s2t")

    def surname(self) -> str:
        if self._draw.random() < 0.05:
            return self._draw.choice(self._compound)
        pool = _SURNAMES[:80] if self._draw.random() < 0.66 else _SURNAMES
        return self._draw.choice(pool)

    def given(self) -> str:
        if self._draw.random() < 0.08:
            return self._draw.choice(_GIVEN) * 2
        count = 1 if self._draw.random() < 0.3 else 2
        return "".join(self._character() for _ in range(count))

    def _character(self) -> str:
        if self._draw.random() < 0.93:
            return self._draw.choice(_GIVEN)
        # Parents find characters in no list.
        return chr(self._draw.randrange(0x4E00, 0x9FA0))

    def full_name(self) -> str:
        kind = self._draw.random()
        if kind < 0.03:
            return "·".join(self._draw.sample(_MINORITY, 2))
        if kind < 0.045:
            return "".join(self._draw.sample(_TIBETAN, 2))
        if kind < 0.055:
            return self._draw.choice(_MINORITY)
        return self.surname() + self.given()

    def traditional(self, text: str) -> str:
        return str(self._traditional.convert(text))

    def address(self) -> str:
        draw = self._draw
        parts: list[str] = []
        city = draw.choice(CITIES)
        if draw.random() < 0.3:
            parts.append(draw.choice(_PROVINCES))
        if draw.random() < 0.7:
            parts.append(city + ("市" if draw.random() < 0.7 else ""))
        if draw.random() < 0.7 or not parts:
            parts.append(draw.choice(_DISTRICTS))
        if draw.random() < 0.25:
            parts.append(draw.choice(_TOWNS))
        parts += self._detail()
        gap = " " if draw.random() < 0.08 else ""
        return gap.join(parts)

    def lines(self) -> str:
        """Place and street on one line, the door on the next."""
        draw = self._draw
        city = draw.choice(CITIES) + draw.choice(("市", ""))
        town = draw.choice((city, draw.choice(_PROVINCES) + draw.choice(("", "\n")) + city))
        road = f"{self.road()}{self._number(900)}号"
        parts = (town + draw.choice(_DISTRICTS), road, self._estate() + self._unit())
        return "\n".join(parts if draw.random() < 0.6 else (parts[0] + parts[1], parts[2]))

    def _detail(self) -> list[str]:
        kind = self._draw.random()
        if kind < 0.12:
            return [self._village()]
        if kind < 0.3:
            return [self._estate()]
        if kind < 0.5:
            return [self._estate(), self._unit()]
        road = self.road()
        if kind < 0.58:
            return [road]
        road += f"{self._number(900)}{self._draw.choice(('号', '号', '号', '弄', '号院'))}"
        if kind < 0.7:
            return [road]
        if kind < 0.85:
            return [road, self._estate(), self._unit()]
        return [road, self._unit()]

    def road(self) -> str:
        return self._draw.choice(_ROAD) + self._draw.choice(_ROAD_KIND)

    def _estate(self) -> str:
        return self._draw.choice(_ESTATE) + self._draw.choice(_ESTATE_KIND)

    def _village(self) -> str:
        draw = self._draw
        name = draw.choice(_SURNAMES[:60]) + draw.choice(
            ("家村", "庄村", "家庄", "家湾", "村", "店村")
        )
        tail = draw.choice(
            ("", "", f"{self._number(12)}组", f"{self._number(20)}队", f"{self._number(300)}号")
        )
        return name + tail

    def _unit(self) -> str:
        draw = self._draw
        block = draw.choice((self._number(40), draw.choice("ABCDE")))
        block += draw.choice(("号楼", "栋", "幢", "座", "号"))
        entry = f"{self._number(6)}单元" if draw.random() < 0.4 else ""
        floor = f"{self._number(33)}{draw.choice(('楼', '层'))}" if draw.random() < 0.2 else ""
        room = (
            f"{draw.randint(1, 33)}{draw.randint(1, 12):02d}{draw.choice(('室', '', '号', '户'))}"
        )
        if draw.random() < 0.15:
            return f"{self._number(30)}-{self._number(4)}-{room}"
        return draw.choice((block + entry + floor + room, block + room, block, entry + room, room))

    def _number(self, most: int) -> str:
        if most <= 10 and self._draw.random() < 0.3:
            return _READ_OUT[self._draw.randrange(most)]
        return str(self._draw.randint(1, most))
