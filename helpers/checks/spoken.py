"""Numbers as people write them: 0,62 and 62 %, 5/8, 10^-5, ½, one; what can be read in two ways is asked for."""

import math
import re
import unicodedata

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen")
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS = {word: i for i, word in enumerate(ONES.split())} | {"none": 0}
WORDS |= {word: 10 * i for i, word in enumerate(TENS.split(), start=2)}
SCALES = {"hundred": 100, "k": 1000, "thousand": 1000, "million": 10**6, "millions": 10**6, "billion": 10**9, "dozen": 12}
SHARES = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5,
          "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10, "hundredth": 100, "hundredths": 100, "thousandth": 1000, "thousandths": 1000}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
DIGITS = r"(?:\d+(?:[.,  _'’]\d+)*[.,]?|[.,]\d+)"
LIKE_A_NUMBER = re.compile(r"[-+]?\s*[\d.,½¼¾⅓⅔⅛⅜⅝⅞∞$€£]")


def read_number(text):
    """The number that a text means: "0,62", "62 %", "5/8", "10^-5", "2·10⁻³", "½", "two thirds", "−3" → a float.

    Raises ValueError, in words for the one who wrote it, where a text means no single number, or may mean two.
    """
    plain = simplified(str(text))
    if not plain:
        raise ValueError("There is no number yet.")
    try:
        value = percent(plain)
    except (ZeroDivisionError, OverflowError):
        raise ValueError(f"{text!s} has no finite value. Write a number such as 0.62.") from None
    if value is None:
        raise ValueError(reason(str(text).strip(), plain))
    if not math.isfinite(value):
        raise ValueError(f"{text!s} is too large for a number here.")
    return value + 0.0


def looks_like_a_number(text):
    """Whether who wrote this meant a number, even where it cannot be read."""
    return bool(LIKE_A_NUMBER.match(str(text).strip()))


def simplified(text):
    """Lower case, one kind of minus, times and space, raised digits behind a ^, fractions such as ½ as 1/2."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda raised: "^" + raised[0].translate(RAISED), text)
    spelled = []
    for character in text:
        number = unicodedata.numeric(character, None)
        if character.isdecimal():
            spelled.append(str(int(number)))
        elif unicodedata.category(character) == "No" and number is not None and 0 < number < 1:
            spelled.append(" " + unicodedata.normalize("NFKC", character).replace("⁄", "/"))
        else:
            spelled.append(character)
    text = unicodedata.normalize("NFKC", "".join(spelled)).lower()
    text = re.sub("[−–—‒﹣]", "-", text)
    text = re.sub("[·×⋅∙✕]", "*", text).replace("**", "^").replace("⁄", "/").replace("÷", "/")
    text = text.strip().strip("\"'`").strip()
    text = re.sub(r"^(about|around|roughly|approximately|approx\.?|circa|ca\.?|nearly|almost|[~≈=])\s*", "", text)
    text = re.sub(r"^[^\W\d]\w*\s*=\s*", "", re.sub(r"\^\{([^{}]*)\}", r"^\1", text))  # α = 0.4, 10^{-2}
    text = re.sub(r"^minus\s+", "-", text)
    return re.sub(r"\s+", " ", re.sub(r"^\((.*)\)$", r"\1", text)).strip()


def percent(text):
    """A value, or one in percent or per mille."""
    for sign, unit in (("%", 100), (" percent", 100), (" per cent", 100), ("‰", 1000)):
        if text.endswith(sign):
            value = product(text.removesuffix(sign).strip())
            return None if value is None else value / unit
    return product(text)


def product(text):
    """a·10^b, a/b, a^b, 1 1/2, or a single number in digits or words."""
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text):
        return float(text)
    if times := re.fullmatch(rf"([-+]?\s?{DIGITS})\s?[*x]\s?(10\s?\^\s?[-+]?\s?\(?[-+]?\d+\)?)", text):
        return single(times[1]) * product(times[2])
    if power := re.fullmatch(rf"([-+]?)\s?({DIGITS})\s?\^\s?\(?([-+]?\d+)\)?", text):
        value = single(power[2]) ** int(power[3])
        return -value if power[1] == "-" else value
    if mixed := re.fullmatch(r"([-+]?)\s?(?:(\d+) )?(\d+)\s?/\s?(\d+)", text):
        value = int(mixed[2] or 0) + int(mixed[3]) / int(mixed[4])
        return -value if mixed[1] == "-" else value
    if parts := re.fullmatch(rf"([-+]?\s?{DIGITS})\s?/\s?([-+]?\s?{DIGITS})", text):
        return single(parts[1]) / single(parts[2])
    if power := re.fullmatch(rf"([-+]?\s?{DIGITS})\s?e\s?([-+]?\d+)", text):
        return single(power[1]) * 10.0 ** int(power[2])
    if re.fullmatch(rf"[-+]?\s?{DIGITS}", text):
        return single(text)
    return words(text)


def single(text):
    """Digits and what stands between them: one dot is a decimal point, groups of three are thousands.

    One comma that may be either is asked for.
    """
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-").strip()
    if re.fullmatch(r"\d+|\d+\.\d*|\.\d+", digits):
        return sign * float(digits)
    groups = re.sub(r"[   _'’]", "_", digits)
    if re.fullmatch(r"\d+(_\d+)+([.,]\d+)?", groups):
        head = re.split("[.,]", groups)[0]
        if "_" not in digits and not re.fullmatch(r"\d{1,3}(_\d{3})+", head):
            raise ValueError(f"{text} may be one number or two. Write it without the gap.")
        return sign * float(groups.replace("_", "").replace(",", "."))
    if re.fullmatch(r"\d{1,3}(,\d{3}){2,}(\.\d+)?|\d{1,3}(,\d{3})+\.\d+|\d{1,2}(,\d\d)+,\d{3}(\.\d+)?", digits):
        return sign * float(digits.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(\.\d{3}){2,}(,\d+)?|\d{1,3}(\.\d{3})+,\d+", digits):
        return sign * float(digits.replace(".", "").replace(",", "."))
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", digits):
        both = text.replace(",", ""), text.replace(",", ".")
        raise ValueError(f"{text} can be read as {both[0]} or as {both[1]}. Write the one that you mean.")
    if re.fullmatch(r"\d*,\d+|\d+,", digits):
        return sign * float(digits.replace(",", "."))
    raise ValueError(f"{text} can be read in more than one way. Write it with a point for the decimals, and nothing else "
                     "between the digits.")


def words(text):
    """A number in English words, and digits before thousand, million or two thirds; None where it is none."""
    value, sofar, known = 0.0, None, False
    for word in re.split(r"[\s-]+", text.removeprefix("-")) if text.removeprefix("-") else []:
        if word == "and":
            if not (sofar is None or sofar >= 100 or re.search(rf"\b({'|'.join(SHARES)})$", text)):
                return None  # 1 and 2 are two numbers
            value, sofar = value + (sofar or 0), None
            continue
        if word in ("a", "an", "of") and sofar is None:
            continue
        if word in WORDS and (sofar is None or (sofar % 10 == 0 and sofar >= 20 and WORDS[word] < 100)):
            sofar = (sofar or 0) + WORDS[word]
        elif word in SCALES:
            sofar = (1 if sofar is None else sofar) * SCALES[word]
            if SCALES[word] >= 1000 and " and " in text:
                return None  # two hundred and five thousand
            if SCALES[word] >= 1000:
                value, sofar = value + sofar, None
        elif word in SHARES:
            value, sofar = value + (1 if sofar is None else sofar) / SHARES[word], None
        elif sofar is None and (digits := re.fullmatch(rf"({DIGITS})(k?)", word)):
            sofar = single(digits[1]) * (1000 if digits[2] else 1)
        else:
            return None
        known = True
    return (-1 if text.startswith("-") else 1) * (value + (sofar or 0)) if known else None


def reason(text, plain):
    """Why a text is no number, and what to write."""
    if re.search(r"[$€£¥]", plain):
        return f"{text}: write the number without its currency."
    if re.search(r"\d\s*(-|to|\.\.\.?|…|or|and)\s*\d", plain):
        return f"{text} is more than one number. Write the one that you think most likely."
    if re.search(r"\d[,;] ", plain) or ";" in plain:
        return f"{text} is more than one number. Write one."
    if plain in ("nan", "inf", "infinity", "∞", "-inf", "-∞"):
        return f"{text} cannot be compared with a number. Write a number, a large one if you like."
    if re.fullmatch(rf"[-+]?{DIGITS}\s?[a-zµ°²][a-zµ°²/]*", plain):
        return f"{text}: write the number without its unit."
    return f"{text} is not a number that can be read here. Write it as 0.62, 5/8 or 1e-5."
