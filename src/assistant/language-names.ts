/** Languages by their ISO 639-1 codes: the English name, and what their speakers call them. */
const LANGUAGES: readonly (readonly [code: string, english: string, own: string])[] = [
  ['af', 'Afrikaans', 'Afrikaans'],
  ['sq', 'Albanian', 'shqip'],
  ['am', 'Amharic', 'አማርኛ'],
  ['ar', 'Arabic', 'العربية'],
  ['hy', 'Armenian', 'հայերեն'],
  ['az', 'Azerbaijani', 'azərbaycan'],
  ['eu', 'Basque', 'euskara'],
  ['be', 'Belarusian', 'беларуская'],
  ['bn', 'Bengali', 'বাংলা'],
  ['bs', 'Bosnian', 'bosanski'],
  ['bg', 'Bulgarian', 'български'],
  ['ca', 'Catalan', 'català'],
  ['zh', 'Chinese', '中文'],
  ['hr', 'Croatian', 'hrvatski'],
  ['cs', 'Czech', 'čeština'],
  ['da', 'Danish', 'dansk'],
  ['nl', 'Dutch', 'Nederlands'],
  ['en', 'English', 'English'],
  ['et', 'Estonian', 'eesti'],
  ['fi', 'Finnish', 'suomi'],
  ['fr', 'French', 'français'],
  ['gl', 'Galician', 'galego'],
  ['ka', 'Georgian', 'ქართული'],
  ['de', 'German', 'Deutsch'],
  ['el', 'Greek', 'ελληνικά'],
  ['gu', 'Gujarati', 'ગુજરાતી'],
  ['he', 'Hebrew', 'עברית'],
  ['hi', 'Hindi', 'हिन्दी'],
  ['hu', 'Hungarian', 'magyar'],
  ['is', 'Icelandic', 'íslenska'],
  ['id', 'Indonesian', 'bahasa Indonesia'],
  ['ga', 'Irish', 'Gaeilge'],
  ['it', 'Italian', 'italiano'],
  ['ja', 'Japanese', '日本語'],
  ['kn', 'Kannada', 'ಕನ್ನಡ'],
  ['kk', 'Kazakh', 'қазақ'],
  ['ko', 'Korean', '한국어'],
  ['lv', 'Latvian', 'latviešu'],
  ['lt', 'Lithuanian', 'lietuvių'],
  ['mk', 'Macedonian', 'македонски'],
  ['ms', 'Malay', 'Melayu'],
  ['ml', 'Malayalam', 'മലയാളം'],
  ['mt', 'Maltese', 'Malti'],
  ['zh', 'Mandarin', '普通话'],
  ['mr', 'Marathi', 'मराठी'],
  ['mn', 'Mongolian', 'монгол'],
  ['ne', 'Nepali', 'नेपाली'],
  ['no', 'Norwegian', 'norsk'],
  ['fa', 'Persian', 'فارسی'],
  ['pl', 'Polish', 'polski'],
  ['pt', 'Portuguese', 'português'],
  ['pa', 'Punjabi', 'ਪੰਜਾਬੀ'],
  ['ro', 'Romanian', 'română'],
  ['ru', 'Russian', 'русский'],
  ['sr', 'Serbian', 'српски'],
  ['sk', 'Slovak', 'slovenčina'],
  ['sl', 'Slovenian', 'slovenščina'],
  ['es', 'Spanish', 'español'],
  ['sw', 'Swahili', 'Kiswahili'],
  ['sv', 'Swedish', 'svenska'],
  ['tl', 'Tagalog', 'Filipino'],
  ['ta', 'Tamil', 'தமிழ்'],
  ['te', 'Telugu', 'తెలుగు'],
  ['th', 'Thai', 'ไทย'],
  ['tr', 'Turkish', 'Türkçe'],
  ['uk', 'Ukrainian', 'українська'],
  ['ur', 'Urdu', 'اردو'],
  ['vi', 'Vietnamese', 'tiếng Việt'],
  ['cy', 'Welsh', 'Cymraeg'],
  ['xh', 'Xhosa', 'isiXhosa'],
  ['zu', 'Zulu', 'isiZulu'],
]

/** The code of a language that a provider names in English (`Spanish`, `spanish`); a code stays as it is. */
export function languageCode(language: string): string {
  const wanted = language.trim().toLowerCase()
  return LANGUAGES.find(([, english]) => english.toLowerCase() === wanted)?.[0] ?? language.trim()
}

/**
 * Does a text name a language? English names count with a capital (`polish` is also a verb), the languages' own names in
 * any case.
 */
export function namesLanguage(text: string): boolean {
  return LANGUAGES.some(
    ([, english, own]) =>
      hasWord(text, english) || hasWord(text, english.toUpperCase()) || hasOwnName(text, own),
  )
}

function hasOwnName(text: string, own: string): boolean {
  // Writing without spaces between words has no word boundaries.
  return /[\u3040-\u9fff\u0e00-\u0e7f]/.test(own)
    ? text.includes(own)
    : hasWord(text.toLowerCase(), own.toLowerCase()) && own.toLowerCase() !== 'english'
}

function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{M}])${word}(?![\\p{L}\\p{M}])`, 'u').test(text)
}

/** True for English of any region, in the spelling of any provider: `en`, `en-GB`, `English`. */
export function isEnglish(language: string): boolean {
  return /^en\b/i.test(languageCode(language))
}
