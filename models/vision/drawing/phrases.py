"""What placeholder pictures say, in the languages of the platforms that show them."""

from dataclasses import dataclass
from unicodedata import normalize


@dataclass(frozen=True)
class Language:
    """The phrases of one language and the fonts that hold its script.

    Attributes:
        code: ISO 639-1.
        fonts: file stems in `fonts/`.
        phrases: whole captions; a space is where a line may break.

    """

    code: str
    fonts: tuple[str, ...]
    phrases: tuple[str, ...]


WESTERN = (
    "NotoSans-Regular",
    "NotoSans-Bold",
    "NotoSans-Light",
    "NotoSans-CondensedBold",
    "NotoSans-Black",
    "NotoSerif-Regular",
    "NotoSerif-BoldItalic",
    "NotoSansMono-Regular",
)
"""Fonts with the Latin, Cyrillic and Greek letters that the phrases need."""

LATIN = (*WESTERN, "ComicNeue-Bold", "NotoSans-ExtraCondensedLight", "NotoSerif-Black")
"""The same and fonts with the letters of English and its neighbours alone."""

CJK = ("NotoSansCJK-Regular", "NotoSansCJK-Bold", "NotoSerifCJK-Bold")
ARABIC = ("NotoSansArabic-Bold", "NotoKufiArabic-Regular")
HEBREW = ("NotoSansHebrew-Bold", "NotoSansHebrew-Regular")
DEVANAGARI = ("NotoSansDevanagari-Bold", "NotoSerifDevanagari-Regular")
THAI = ("NotoSansThai-Bold", "NotoLoopedThai-Regular")

ENGLISH = (
    "No image",
    "No photo",
    "No picture",
    "No image available",
    "No picture available",
    "Image not available",
    "Image not found",
    "Image unavailable",
    "No photo available",
    "Photo not available",
    "Photo coming soon",
    "Image coming soon",
    "Coming soon",
    "Picture coming soon",
    "Awaiting photo",
    "Awaiting image",
    "Photo pending",
    "No cover",
    "No cover available",
    "Cover not available",
    "Cover image unavailable",
    "No poster",
    "Poster not found",
    "No artwork",
    "No preview",
    "No preview available",
    "Preview not available",
    "No thumbnail",
    "No screenshot",
    "No logo",
    "No avatar",
    "Missing image",
    "Image removed",
    "Placeholder",
    "Placeholder image",
    "Your image here",
    "Your logo here",
    "Insert image",
    "Upload photo",
    "Add a photo",
    "Image",
    "Photo",
    "Picture",
    "Avatar",
    "Logo",
    "Thumbnail",
    "Product image",
    "Sample image",
    "Image 1",
    "Default",
    "Untitled",
    "Unknown",
    "Not found",
    "Loading...",
    "N/A",
    "404",
    "NA",
    "IMG",
    "No image :(",
    "Sorry, no picture yet",
    "Image is not available at this time",
)

LANGUAGES = {
    language.code: language
    for language in (
        Language("en", LATIN, ENGLISH),
        Language(
            "de", LATIN, ("Kein Bild", "Kein Foto", "Kein Bild vorhanden", "Bild folgt in Kürze")
        ),
        Language(
            "fr", LATIN, ("Pas d'image", "Image non disponible", "Aucune photo", "Photo à venir")
        ),
        Language("es", LATIN, ("Sin imagen", "Imagen no disponible", "Sin foto", "Próximamente")),
        Language("pt", LATIN, ("Sem imagem", "Imagem não disponível", "Sem foto", "Foto em breve")),
        Language("it", LATIN, ("Nessuna immagine", "Immagine non disponibile", "Foto in arrivo")),
        Language("nl", LATIN, ("Geen afbeelding", "Geen foto beschikbaar", "Foto volgt")),
        Language("sv", LATIN, ("Ingen bild", "Bild saknas", "Bild kommer snart")),
        Language("id", LATIN, ("Tidak ada gambar", "Foto tidak tersedia")),
        Language("pl", WESTERN, ("Brak zdjęcia", "Brak obrazka", "Zdjęcie wkrótce")),
        Language("tr", WESTERN, ("Resim yok", "Fotoğraf bulunamadı")),
        Language("vi", WESTERN, ("Không có ảnh", "Chưa có hình")),
        Language(
            "ru", WESTERN, ("Нет фото", "Нет изображения", "Фото скоро появится", "Нет обложки")
        ),
        Language("uk", WESTERN, ("Немає фото", "Зображення відсутнє")),
        Language("el", WESTERN, ("Χωρίς εικόνα", "Δεν υπάρχει φωτογραφία")),
        Language("ar", ARABIC, ("لا توجد صورة", "الصورة غير متوفرة", "لا صورة", "قريبا")),
        Language("fa", ARABIC, ("بدون تصویر", "تصویر موجود نیست")),
        Language("he", HEBREW, ("אין תמונה", "תמונה לא זמינה", "ללא תמונה")),
        Language("hi", DEVANAGARI, ("कोई चित्र नहीं", "फोटो उपलब्ध नहीं", "चित्र नहीं है")),
        Language("th", THAI, ("ไม่มีรูปภาพ", "ไม่มีภาพ", "ไม่พบรูปภาพ")),
        Language("bn", ("NotoSansBengali-Bold",), ("কোনো ছবি নেই", "ছবি নেই")),
        Language("ta", ("NotoSansTamil-Bold",), ("படம் இல்லை", "புகைப்படம் இல்லை")),
        Language("ka", ("NotoSansGeorgian-Bold",), ("ფოტო არ არის", "სურათი ვერ მოიძებნა")),
        Language("hy", ("NotoSansArmenian-Bold",), ("Նկար չկա", "Լուսանկար չկա")),
        Language(
            "zh",
            CJK,
            (
                "暂无图片",
                "无图片",
                "图片暂缺",
                "沒有圖片",
                "敬请期待",
                "无封面",
                "图片加载失败",
                "暂无照片",
            ),
        ),
        Language(
            "ja", CJK, ("画像なし", "画像はありません", "準備中", "写真準備中", "画像 準備中")
        ),
        Language("ko", CJK, ("이미지 없음", "사진 없음", "이미지 준비중", "준비중입니다")),
    )
}


def characters(stem: str) -> str:
    """Every character that the phrases, in either case, ask of the font `stem`.

    Shaping takes composed letters apart (the vowels of Bengali): their parts are among them.
    """
    spoken = {
        character
        for language in LANGUAGES.values()
        if stem in language.fonts
        for phrase in language.phrases
        for character in normalize("NFD", phrase) + phrase + phrase.upper()
    }
    return "".join(sorted(spoken))
