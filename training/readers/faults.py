"""What makes a data file unusable: one sentence each, in English and Chinese.

No sentence repeats what a row says: the file may hold customers' words.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from training.errors import CorpusInvalid


class Fault(Enum):
    MISSING = ("there is no such file", "文件不存在")
    UNREADABLE = ("it cannot be read ({why})", "无法读取（{why}）")
    TOO_LARGE = (
        "it holds more than {mebibytes} MiB; split it, or leave out what is no training data",
        "内容超过 {mebibytes} MiB；请拆分文件，或去掉与训练无关的内容",
    )
    TOO_MANY_FILES = ("it holds more than {most} files", "包含的文件超过 {most} 个")
    BROKEN_ZIP = (
        "this ZIP file is damaged, encrypted or packed in an unknown way; pack it anew",
        "ZIP 文件已损坏、已加密或压缩方式未知；请重新打包",
    )
    NO_FORMAT = (
        "nothing in it is training data that can be read: Rasa NLU files (.yml, .md), a Dialogflow "
        "ES export or Chatwoot conversations (.json); a CSV or JSONL file is named itself",
        "其中没有可读取的训练数据：Rasa NLU 文件（.yml、.md）、Dialogflow ES 导出或 "
        "Chatwoot 会话（.json）；CSV 或 JSONL 文件请直接指定",
    )
    NOT_UTF8 = (
        "it is not UTF-8{guess}; save the file as UTF-8",
        "不是 UTF-8 编码{guess}；请将文件另存为 UTF-8",
    )
    EMPTY = ("the file is empty", "文件是空的")
    NO_ROWS = ("it has no rows with a text", "没有任何含语句的数据行")
    WRONG_COLUMNS = (
        "the header lacks {missing}; it must be {header}",
        "表头缺少 {missing}；应为 {header}",
    )
    WRONG_SEPARATOR = (
        "the header lacks {missing} because its columns are separated by {separator}; "
        "separate them by commas",
        "表头缺少 {missing}，因为各列以 {separator} 分隔；请改用逗号分隔",
    )
    COLUMN_TWICE = ("the header names a column twice", "表头中有重复的列名")
    NOT_CSV = ("this is not CSV ({why})", "不是有效的 CSV（{why}）")
    FIELD_COUNT = (
        "{found} fields where the header names {expected}",
        "有 {found} 个字段，而表头有 {expected} 个",
    )
    EMPTY_INTENT = ("the intent is empty", "意图为空")
    CONTROL_IN_INTENT = (
        "the intent {intent} holds a line end or the invisible character {character}; "
        "an intent is a name on one line",
        "意图 {intent} 含有换行或不可见字符 {character}；意图名称应在一行之内",
    )
    LONG_INTENT = (
        "the intent is {count:,} characters long, more than {most}; "
        "are text and intent in the right columns?",
        "意图长达 {count:,} 个字符，超过 {most} 个；语句与意图两列是否放反？",
    )
    NO_LANGUAGE = (
        "the language {language} is no code such as en, zh or zh-CN",
        "语言 {language} 不是 en、zh 或 zh-CN 这样的代码",
    )
    LONG_TEXT = (
        "the text is {count:,} characters long, more than {most:,}; "
        "shorten it, or look for a quotation mark that is never closed",
        "语句长达 {count:,} 个字符，超过 {most:,} 个；请缩短，或检查引号是否未闭合",
    )
    SURROGATE = (
        "the text holds half a character ({character}); export the file again",
        "语句含有半个字符（{character}）；请重新导出文件",
    )
    NO_ONE_FILE = (
        "a folder or an archive is no CSV file; name the CSV file with the questions itself",
        "文件夹或压缩包不是 CSV 文件；请直接指定含问题的 CSV 文件",
    )
    NO_QUERY = (
        "the query cannot be asked: it is empty, longer than {most:,} characters or holds "
        "characters that are no text; correct or remove the row",
        "该问题无法提问：内容为空、超过 {most:,} 个字符或含有非文本字符；请修改或删除该行",
    )
    UNKNOWN_ARTICLE = (
        "expected_id {id} is no document of {knowledge}; correct it, or leave it empty where "
        "nothing answers the query",
        "expected_id {id} 不是 {knowledge} 中的文档；请更正，若没有文档能回答该问题则留空",
    )
    NO_QUERIES = ("it has no row with a query", "没有任何含问题的数据行")
    NOT_JSON = ("this is not valid JSON ({why})", "不是有效的 JSON（{why}）")
    NOT_OBJECT = (
        'each line must be an object {{"text": …, "intent": …}}',
        '每一行应为 {{"text": …, "intent": …}} 形式的对象',
    )
    NOT_TEXT = ("{name} must be a text", "{name} 应为字符串")
    NOT_YAML = ("this is not valid YAML ({why})", "不是有效的 YAML（{why}）")
    NO_MAPPING = (
        "a Rasa file is a mapping with the key nlu, and this is none",
        "Rasa 文件应是含 nlu 键的映射，而此文件不是",
    )
    NO_NLU = ("it has no key nlu with a list of intents", "没有 nlu 键及其意图列表")
    NO_HEADING = ("it has no heading `## intent:name`", "没有 `## intent:名称` 形式的标题")
    WRONG_SHAPE = ("{what} must be {expected}", "{what} 应为 {expected}")
    ALIAS = (
        "YAML anchors and aliases (*{name}) are not followed; write the rows out",
        "不支持 YAML 锚点与别名（*{name}）；请将各行写全",
    )
    TOO_MANY_NODES = (
        "the file has more than {most:,} nodes; split it",
        "文件的节点超过 {most:,} 个；请拆分",
    )
    TOO_DEEP = (
        "lists and mappings lie more than {deepest} deep in each other",
        "列表与映射的嵌套超过 {deepest} 层",
    )
    NO_PHRASES = (
        "a Dialogflow file of phrases is a list of objects with data",
        "Dialogflow 语句文件应是含 data 的对象列表",
    )
    NO_CONVERSATIONS = (
        "it holds no Chatwoot conversations with messages and labels",
        "没有含消息与标签的 Chatwoot 会话",
    )
    ONE_CLASS = (
        "it has {count} intents besides {outside}; a model needs {fewest} to choose between",
        "除 {outside} 外只有 {count} 个意图；模型至少需要 {fewest} 个才能选择",
    )
    FEW_ROWS = (
        "it has {count} rows to learn from in all; a model needs at least {fewest}",
        "可供学习的数据总共只有 {count} 行；模型至少需要 {fewest} 行",
    )

    def at(self, path: Path, *, line: int | None = None, **values: object) -> CorpusInvalid:
        """A pair among the `values` is what English says and what Chinese says."""
        english, chinese = (
            words.format(**{name: _spoken(value, tongue) for name, value in values.items()})
            for tongue, words in enumerate(self.value)
        )
        return CorpusInvalid(path, english, line=line, chinese=chinese)


def _spoken(value: object, tongue: int) -> object:
    return value[tongue] if isinstance(value, tuple) else value
