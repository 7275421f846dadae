import { commonLanguage } from './language-codes.ts'

/**
 * A voice of each locale (learn.microsoft.com, Language and voice support for the Speech service: Text to speech); of the
 * locales of one language the usual one comes first. The voice for English understands other languages too.
 */
const NAMES = `
en-US-AvaMultilingualNeural en-GB-SoniaNeural en-AU-NatashaNeural en-CA-ClaraNeural en-IN-NeerjaNeural en-IE-EmilyNeural
en-NZ-MollyNeural en-ZA-LeahNeural en-HK-YanNeural en-KE-AsiliaNeural en-NG-EzinneNeural en-PH-RosaNeural en-SG-LunaNeural
en-TZ-ImaniNeural es-ES-ElviraNeural es-MX-DaliaNeural es-US-PalomaNeural es-AR-ElenaNeural es-BO-SofiaNeural
es-CL-CatalinaNeural es-CO-SalomeNeural es-CR-MariaNeural es-CU-BelkysNeural es-DO-RamonaNeural es-EC-AndreaNeural
es-GQ-TeresaNeural es-GT-MartaNeural es-HN-KarlaNeural es-NI-YolandaNeural es-PA-MargaritaNeural es-PE-CamilaNeural
es-PR-KarinaNeural es-PY-TaniaNeural es-SV-LorenaNeural es-UY-ValentinaNeural es-VE-PaolaNeural fr-FR-DeniseNeural
fr-CA-SylvieNeural fr-BE-CharlineNeural fr-CH-ArianeNeural de-DE-KatjaNeural de-AT-IngridNeural de-CH-LeniNeural
it-IT-ElsaNeural pt-BR-FranciscaNeural pt-PT-RaquelNeural nl-NL-FennaNeural nl-BE-DenaNeural af-ZA-AdriNeural
am-ET-MekdesNeural ar-EG-SalmaNeural ar-SA-ZariyahNeural ar-AE-FatimaNeural ar-BH-LailaNeural ar-DZ-AminaNeural
ar-IQ-RanaNeural ar-JO-SanaNeural ar-KW-NouraNeural ar-LB-LaylaNeural ar-LY-ImanNeural ar-MA-MounaNeural ar-OM-AyshaNeural
ar-QA-AmalNeural ar-SY-AmanyNeural ar-TN-ReemNeural ar-YE-MaryamNeural as-IN-YashicaNeural az-AZ-BanuNeural
bg-BG-KalinaNeural bn-BD-NabanitaNeural bn-IN-TanishaaNeural bs-BA-VesnaNeural ca-ES-JoanaNeural cs-CZ-VlastaNeural
cy-GB-NiaNeural da-DK-ChristelNeural el-GR-AthinaNeural et-EE-AnuNeural eu-ES-AinhoaNeural fa-IR-DilaraNeural
fi-FI-SelmaNeural fil-PH-BlessicaNeural ga-IE-OrlaNeural gl-ES-SabelaNeural gu-IN-DhwaniNeural he-IL-HilaNeural
hi-IN-SwaraNeural hr-HR-GabrijelaNeural hu-HU-NoemiNeural hy-AM-AnahitNeural id-ID-GadisNeural is-IS-GudrunNeural
ja-JP-NanamiNeural jv-ID-SitiNeural ka-GE-EkaNeural kk-KZ-AigulNeural km-KH-SreymomNeural kn-IN-SapnaNeural
ko-KR-SunHiNeural lo-LA-KeomanyNeural lt-LT-OnaNeural lv-LV-EveritaNeural mk-MK-MarijaNeural ml-IN-SobhanaNeural
mn-MN-YesuiNeural mr-IN-AarohiNeural ms-MY-YasminNeural mt-MT-GraceNeural my-MM-NilarNeural nb-NO-PernilleNeural
ne-NP-HemkalaNeural or-IN-SubhasiniNeural pa-IN-VaaniNeural pl-PL-ZofiaNeural ps-AF-LatifaNeural ro-RO-AlinaNeural
ru-RU-SvetlanaNeural si-LK-ThiliniNeural sk-SK-ViktoriaNeural sl-SI-PetraNeural so-SO-UbaxNeural sq-AL-AnilaNeural
sr-RS-SophieNeural su-ID-TutiNeural sv-SE-SofieNeural sw-KE-ZuriNeural sw-TZ-RehemaNeural ta-IN-PallaviNeural
ta-LK-SaranyaNeural ta-MY-KaniNeural ta-SG-VenbaNeural te-IN-ShrutiNeural th-TH-PremwadeeNeural tr-TR-EmelNeural
uk-UA-PolinaNeural ur-PK-UzmaNeural ur-IN-GulNeural uz-UZ-MadinaNeural vi-VN-HoaiMyNeural wuu-CN-XiaotongNeural
yue-CN-XiaoMinNeural zh-CN-XiaoxiaoNeural zh-HK-HiuMaanNeural zh-TW-HsiaoChenNeural zu-ZA-ThandoNeural
`
  .trim()
  .split(/\s+/)

/** Names that stand for voices (API: AzureVoice). */
const PRESETS: Readonly<Record<string, string>> = {
  andrew: 'en-US-AndrewMultilingualNeural',
  brian: 'en-US-BrianMultilingualNeural',
  emma: 'en-US-EmmaMultilingualNeural',
}

/**
 * The voice that is meant: `multilingual-auto` is the one of the language (the very locale, else the language elsewhere), or
 * the first of all where the language is not known or has none.
 */
export function azureVoice(voiceId: string, language: string | null): string {
  if (voiceId !== 'multilingual-auto')
    return Object.hasOwn(PRESETS, voiceId) ? (PRESETS[voiceId] ?? voiceId) : voiceId
  const [usual = ''] = NAMES
  if (language === null) return usual
  const tag = language.toLowerCase().replaceAll('_', '-')
  const base = commonLanguage(language)
  return (
    NAMES.find(name => localeOf(name).toLowerCase() === tag) ??
    NAMES.find(name => commonLanguage(name) === base) ??
    usual
  )
}

/** The locale that a voice's name begins with; English where it names none. */
export function localeOf(voice: string): string {
  return /^[a-z]{2,3}-(?:[A-Z][a-z]{3}-)?[A-Z]{2}(?=-)/.exec(voice)?.[0] ?? 'en-US'
}
