"""The confidentiality agreement that organisations accept on one need. Pure: the text and how it is filled in.

The text is part of what is signed and therefore not translated by the catalogue: the Chinese version governs, the
English one stands below it. A changed text gets a new VERSION; texts that were signed are kept with their acceptance.
"""

# ruff: noqa: E501 - a paragraph of the text is one line of the page

import hashlib
from dataclasses import dataclass

VERSION = "2026-11"

_TEXT = """技术需求保密协议

协议版本：{version}
需求名称：{title}
需求编号：{code}
披露方：{discloser}
接收方：{recipient}

第一条　保密信息
本协议所称保密信息，是指披露方就上述需求在本平台以“签署保密协议后可见”或“指定机构可见”方式提供的全部内容，包括文字、指标、数据、附件，以及接收方据此形成的摘要、分析和复制件。

第二条　不属于保密信息的内容
下列内容不受本协议约束，但接收方应能提供证明：
（一）披露时已为公众所知，或此后非因接收方过错而为公众所知的；
（二）披露前接收方已合法持有的；
（三）接收方从有权披露的第三方合法取得的；
（四）接收方未使用保密信息而独立开发的。

第三条　使用目的
接收方仅为评估能否解决该需求、准备方案以及与披露方洽谈合作而使用保密信息，不得用于其他目的，不得据此申请专利或者其他知识产权。

第四条　保密义务
接收方应以不低于保护自身同类信息的谨慎程度保护保密信息；仅向为上述目的确有必要知悉、并已承担同等保密义务的本机构人员披露；未经披露方书面同意，不得向任何第三方披露。接收方对其人员违反本协议的行为承担责任。

第五条　依法披露
依照法律、行政法规或者有权机关的要求必须披露的，接收方应在法律允许的范围内事先通知披露方，并仅在要求的范围内披露。

第六条　权利保留
保密信息的全部权利归披露方所有。本协议不构成对任何专利、商业秘密或者其他权利的转让或许可，也不要求任何一方订立后续合同。

第七条　返还与删除
披露方提出要求，或者协议解除的，接收方应在十五日内删除或者返还保密信息及其复制件；依法须留存的除外，留存部分继续受本协议约束。

第八条　期限与解除
本协议自接收方在平台确认之时生效。任何一方可以在平台上说明理由后解除，解除后接收方不能再查看保密信息。保密义务自披露之日起满五年终止；构成商业秘密的，至其依法不再构成商业秘密时终止。解除不免除解除前已经产生的义务。

第九条　违约责任
接收方违反本协议给披露方造成损失的，应当依法承担赔偿责任。

第十条　查阅记录
双方同意：平台记录接收方人员查看保密信息的时间、内容和渠道，披露方可以查阅该记录。

第十一条　法律适用与争议解决
本协议适用中华人民共和国法律。因本协议发生的争议，双方协商解决；协商不成的，任何一方可以向披露方所在地有管辖权的人民法院起诉。

第十二条　签署
接收方的授权人员登录平台并确认本文本，即以接收方名义签署本协议。平台记录签署人、时间、协议版本和文本校验值。本协议以中文文本为准，英文译文仅供参考。

────────────────

Confidentiality Agreement on a Technical Need (translation for reference; the Chinese text prevails)

Version: {version}
Need: {title}
Number: {code}
Discloser: {discloser}
Recipient: {recipient}

1. Confidential Information is everything the Discloser provides on this platform about the above need at the levels "after accepting the NDA" or "named organisations": text, indicators, data and files, and the summaries, analyses and copies the Recipient makes of them.

2. Not confidential is what the Recipient can show (a) was public when disclosed or became public later through no fault of the Recipient; (b) was lawfully held by the Recipient before; (c) was lawfully obtained from a third party entitled to disclose it; or (d) was developed independently without use of Confidential Information.

3. The Recipient uses Confidential Information only to judge whether it can meet the need, to prepare a proposal and to negotiate with the Discloser, for no other purpose, and files no patent or other intellectual property application based on it.

4. The Recipient protects Confidential Information with no less care than its own of the same kind, discloses it only to those of its people who need to know it for this purpose and are bound to the same confidentiality, and to no third party without the Discloser's written consent. The Recipient answers for its people.

5. Where law or a competent authority requires disclosure, the Recipient informs the Discloser beforehand as far as the law allows and discloses no more than is required.

6. All rights in Confidential Information remain with the Discloser. This agreement transfers and licenses nothing and obliges neither party to conclude any further contract.

7. On the Discloser's request, or when this agreement is revoked, the Recipient deletes or returns Confidential Information and its copies within fifteen days, except what the law requires it to keep, which remains subject to this agreement.

8. This agreement takes effect when the Recipient confirms it on the platform. Either party may revoke it on the platform and say why; the Recipient can then no longer view Confidential Information. The duty of confidentiality ends five years after disclosure, and for a trade secret when it legally ceases to be one. Revocation does not release from duties that arose before.

9. The Recipient compensates, as the law provides, the loss its breach causes the Discloser.

10. Both parties agree that the platform records when, what and through which channel the Recipient's people view, and that the Discloser may read this record.

11. The law of the People's Republic of China applies. Disputes are settled by negotiation, failing which either party may bring an action before the competent people's court at the Discloser's domicile.

12. By logging in and confirming this text an authorised person signs for the Recipient. The platform records the person, the time, the version and the checksum of the text.
"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A text as it is read and signed."""

    version: str
    text: str

    @property
    def checksum(self) -> str:
        return checksum(self.text)


def agreement(*, title: str, code: str, discloser: str, recipient: str) -> Agreement:
    """Today's text for one need and one organisation."""
    text = _TEXT.format(version=VERSION, title=title, code=code, discloser=discloser, recipient=recipient)
    return Agreement(version=VERSION, text=text)


def checksum(text: str) -> str:
    """SHA-256 of the text in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
