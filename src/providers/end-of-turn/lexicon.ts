/** What a word does in a sentence, as far as the end of a turn is concerned. Words that are in no list are told by their shape. */
const CLASSES: Readonly<Record<string, string>> = {
  filler: 'um uh er erm hmm hm mm uhm ah eh',
  article: 'a an the',
  possessive: 'my your our their its whose',
  demonstrative: 'this that these those',
  preposition:
    'of from with at by about into onto against between during among toward towards per via within without ' +
    'through under behind beside besides near than across regarding concerning',
  particle: 'in on out up down off over around along past inside outside below above back away',
  to: 'to for',
  and: 'and or nor plus',
  but: 'but',
  subordinate:
    'if when because while unless until since although though whether before after once whenever wherever cause cuz',
  as: 'as like',
  so: 'so then',
  subject: "i he she we they i've we've they've who",
  you: 'you it',
  object: 'me him us them her mine yours hers ours theirs myself yourself himself herself',
  someone:
    'someone somebody anyone anybody everyone everybody something anything everything nothing nobody one ones none',
  be: 'is are was were am be been being',
  do: 'do does did',
  have: 'have has had',
  modal: 'can could will would should might may must shall gonna wanna gotta',
  negative:
    "don't doesn't didn't can't cannot couldn't won't wouldn't shouldn't isn't aren't wasn't weren't haven't hasn't hadn't not never",
  contracted:
    "i'm you're we're they're he's she's it's that's there's what's here's who's where's how's let's it'd that'd",
  intending: "i'd i'll we'd we'll you'd you'll he'd he'll she'd she'll they'd they'll it'll that'll there'll",
  wh: 'what where which how why whom',
  quantity: 'some any more most each every few many much another both either several all half lots',
  intensifier:
    'very really quite pretty just only almost even still already kinda sorta extremely super nearly',
  attributive:
    'new other same different own next last first second third whole entire main basic extra certain main local current previous',
  saying:
    'say says said think thinks thought believe guess hope wonder wondering hoping wondered heard hear told tell tells mean means ' +
    'explain explained assume suppose assumed realize realized noticed notice feel feels felt sure afraid seems seemed looks sounds',
  transitive:
    'need needs needed want wants wanted get gets got getting book booked cancel canceled make makes made making take takes took taking give gives gave ' +
    'send sends sent find finds found put puts add added buy bought bring brought use uses used using keep keeps kept let lets leave left ' +
    'schedule reschedule return returned replace replaced fix fixed set turn turned pick picked drop dropped transfer update updated cover covers ' +
    'include includes included require requires lost lose received receive call called show showed check checked see saw seen ' +
    'had having confirm confirmed verify provide describe recommend recommended offer offered install installed download upload uploaded ' +
    'connect connected contact contacted submit submitted file filed sign signed fill filled carry sell sold rent own reach mail mailed ' +
    'meet met break broke choose chose change changed open opened close closed keep hold bring lend save spend spent cut hit missed miss ' +
    'speak talk spell repeat waive refund refuse read write wrote watch raise increase reduce extend renew remove reset upgrade unlock dispute ' +
    'saying calling looking trying going waiting thinking asking ask asked become became dealing paying coming interested allergic ' +
    'supposed able ready planning about likely unable worried tired based related due according',
  verb:
    'go goes went come comes came work works worked start starts started stop stops stopped happen happened happens help helps helped ' +
    'know knows knew understand remember forget forgot see arrive arrived leave move moved live lived stay stayed sleep eat drink drive ' +
    'walk run sit stand wait pay paid charge charged crash freeze load ring leak smoke hurt hurts breathe die died quit retire retired ' +
    'matter depend care agree disagree try tried learn listen look fit end ended finish finished gone done working broken',
  adjective:
    'good bad big small large little old older young long short high higher low lower upper early late hard easy fast slow quick nice ' +
    'free busy full empty cheap cheaper expensive better best worse worst bigger smaller larger faster slower hot cold warm cool wet dry ' +
    'loud quiet dark light heavy strong weak clean dirty safe sick red blue green black white brown yellow pink orange gray grey purple ' +
    'medium double single separate front personal private public medical dental legal financial final special possible ' +
    'electric digital online mobile monthly yearly annual weekly daily wrong broken blank dead alive serious simple ' +
    'normal regular standard premium important interesting available afraid happy sad angry sure clear crazy terrible awful wonderful ' +
    'nearest closest latest earliest biggest home work business credit debit phone email front back side spare rental',
  noun:
    'account address agent air airport apartment app application appointment arm attention attorney baby back bag balance bank bathroom ' +
    'battery bed bedroom bill birthday blood board boss bottle box boy brother building bus cable call cancer car card case cash cat ' +
    'ceiling center chair chance chest child children city claim class client clinic code coffee color company computer contract copy cost ' +
    'couch cough country couple coverage customer dad damage date daughter deal delivery department deposit desk detail details difference ' +
    'dinner discount doctor dog door driver drug ear email employee end engine error event exam eye face family father fault fee fever file ' +
    'finger fire flight floor food foot form friend fridge game garage gas girl glass glasses guy hair half hand head headache heart heat ' +
    'home hospital hotel house husband idea inbox information insurance interest internet invoice issue item job key keys kid kids kitchen knee ' +
    'lady laptop law lawyer lease leg letter license life light line link list loan location lock login lot lunch machine mail man ' +
    'manager medicine medication meeting member message mind model mom money mother mouth movie music name neck neighbor neighbors night ' +
    'noise nose note number nurse offer office oil oil order owner package page pain paper parking part parts party passport password patient ' +
    'payment person pharmacy phone photo picture piece pizza place plan plane plate plumber point policy pool power prescription price ' +
    'printer product project property purchase question questions rate reason receipt record refill refund rent report reservation restaurant ' +
    'result results ride road room router sale salad sandwich schedule school screen seat section security sentence server service session ' +
    'shirt shoes shop shot shoulder shower side sign sink sister site size sofa software son song sound space speed staff state statement ' +
    'station stomach store storm story street student stuff subscription support surgery system table tax taxi teacher team technician teeth ' +
    'tenant test text ticket tickets tire toilet tooth tour town traffic train trip trouble truck tv uncle university user van version ' +
    'visit voice wall warranty washer water way website wedding week weekend wife window woman word words work world yard zip',
  digit: 'zero oh one two three four five six seven eight nine double triple',
  teen: 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
  ten: 'twenty thirty forty fifty sixty seventy eighty ninety',
  scale: 'hundred thousand million dozen',
  ordinal:
    'fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth ' +
    'nineteenth twentieth thirtieth',
  month: 'january february march april june july august september october november december',
  day: 'monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays',
  time: 'morning afternoon evening night tonight today tomorrow yesterday noon midnight weekend now soon later again earlier ago',
  unit: "dollars cents percent o'clock pm am pounds miles years year months month weeks week days hours minutes hour minute inches feet bucks people",
  street: 'street avenue road lane boulevard court highway apartment suite unit floor',
  yes: 'yes yeah yep yup sure okay ok correct right absolutely definitely exactly alright fine perfect great good true certainly mhm uhhuh',
  no: 'no nope nah',
  polite: 'please thanks thank bye goodbye sorry welcome cheers',
  greeting: 'hi hello hey',
  discourse: 'well actually basically maybe probably perhaps anyway honestly first instead also',
  dot: 'dot underscore dash hyphen slash',
  domain: 'com org net edu gov gmail yahoo hotmail outlook',
  opening:
    'mister mr mrs miss ms doctor dr san los las santa saint north south east west new number code called named area box',
  complete:
    'everything thing things that too either though anymore anyway there here enough else yet help problem working available',
}

export type Lexicon = ReadonlyMap<string, string>

/** Builds the table of words; the first class that names a word counts. */
export function createLexicon(): Lexicon {
  const lexicon = new Map<string, string>()
  for (const [name, words] of Object.entries(CLASSES)) {
    for (const word of words.split(' ')) if (!lexicon.has(word)) lexicon.set(word, name)
  }
  return lexicon
}

/** Endings that tell what an unknown word is. The first that fits counts. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^\d+(st|nd|rd|th)$/, 'ordinal'],
  [/^\d{1,2}$/, 'numeral'],
  [/^\d{3,4}$/, 'numerals'],
  [/^\d+$/, 'long-numeral'],
  [/\d/, 'code'],
  [/^.$/u, 'letter'],
  [/n't$/, 'negative'],
  [/'(ll|d|ve|re|m)$/, 'intending'],
  [/'s$/, 'owning'],
  [/ing$/, 'gerund'],
  [/ed$/, 'past'],
  [/ly$/, 'adverb'],
  [/(tion|ment|ness|ity|ance|ence|ship|age|ism|ure)s?$/, 'noun'],
  [/(ful|ous|able|ible|al|ive|ic|ish|less)$/, 'adjective'],
  [/[^s]s$/, 'plural'],
  [/(er|or|ist)$/, 'agent'],
]

/** The classes of words, in order. Letters that are spelled are told from the words "a" and "I" by their neighbours. */
export function classesOf(words: readonly string[], lexicon: Lexicon): string[] {
  const isLetter = (index: number) => /^[a-z]$/.test(words[index] ?? '')
  return words.map((word, index) => {
    if (isLetter(index)) {
      const spelled =
        !/^[ai]$/.test(word) || (isLetter(index - 1) && isLetter(index - 2)) || isLetter(index + 1)
      if (spelled) return 'letter'
    }
    return lexicon.get(word) ?? SHAPES.find(([shape]) => shape.test(word))?.[1] ?? 'other'
  })
}
