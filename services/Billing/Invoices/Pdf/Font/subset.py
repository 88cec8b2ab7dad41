#!/usr/bin/python3
"""Makes invoices.ttf of WenQuanYi Micro Hei: python3-fonttools and fonts-wqy-microhei of Debian are all it needs."""
import sys
from fontTools import subset
from fontTools.ttLib import TTCollection

source = '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc'


def two_bytes(encoding, first, last):
    """All characters of an encoding whose first byte is between the two."""
    for high in range(first, last + 1):
        for low in range(0x40, 0xff):
            try:
                yield ord(bytes([high, low]).decode(encoding))
            except UnicodeDecodeError:
                pass


wanted = {
    *range(0x20, 0x180), *range(0x2010, 0x2070), *range(0x20a0, 0x20c0), 0x2116, 0x2122, 0x2212, 0xfffd,
    *range(0x3000, 0x3040), *range(0xff00, 0xfff0),
    *two_bytes('gb2312', 0xa1, 0xf7),  # simplified Chinese, levels 1 and 2
    *two_bytes('big5', 0xa4, 0xc6),    # traditional Chinese, level 1
}
font = TTCollection(sys.argv[1] if len(sys.argv) > 1 else source).fonts[0]
options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
options.drop_tables += ['GSUB', 'GPOS', 'GDEF', 'vhea', 'vmtx', 'FFTM']
cut = subset.Subsetter(options)
cut.populate(unicodes=wanted)
cut.subset(font)
font.save('invoices.ttf')
