/** Names of units, singular and plural, by their written forms. Case counts: `5g` is weight, `5G` a network. */
export type UnitTable = Readonly<Record<string, readonly [one: string, many: string]>>

function spellings(forms: string, one: string, many = `${one}s`): Record<string, [string, string]> {
  return Object.fromEntries(forms.split(' ').map(form => [form, [one, many]]))
}

/** `in` counts only directly behind the number: "5 in the morning" is no length. */
export const DISTANCES: UnitTable = {
  ...spellings('km KM Km kms', 'kilometer'),
  ...spellings('m', 'meter'),
  ...spellings('cm CM', 'centimeter'),
  ...spellings('mm MM', 'millimeter'),
  ...spellings('mi MI', 'mile'),
  ...spellings('ft FT', 'foot', 'feet'),
  ...spellings('yd yds YD', 'yard'),
  ...spellings('in', 'inch', 'inches'),
}

export const UNITS: UnitTable = {
  ...spellings('lb lbs LB LBS', 'pound'),
  ...spellings('oz OZ', 'ounce'),
  ...spellings('kg kgs KG Kg', 'kilogram'),
  ...spellings('g', 'gram'),
  ...spellings('mg MG', 'milligram'),
  ...spellings('mcg µg μg', 'microgram'),
  ...spellings('l L', 'liter'),
  ...spellings('ml mL ML', 'milliliter'),
  ...spellings('gal', 'gallon'),
  ...spellings('qt', 'quart'),
  ...spellings('tsp', 'teaspoon'),
  ...spellings('tbsp', 'tablespoon'),
  ...spellings('°C', 'degree Celsius', 'degrees Celsius'),
  ...spellings('°F', 'degree Fahrenheit', 'degrees Fahrenheit'),
  ...spellings('°', 'degree'),
  ...spellings('mph MPH', 'mile per hour', 'miles per hour'),
  ...spellings('mpg MPG', 'mile per gallon', 'miles per gallon'),
  ...spellings('km/h kmh kph KPH', 'kilometer per hour', 'kilometers per hour'),
  ...spellings('m/s', 'meter per second', 'meters per second'),
  ...spellings('ms', 'millisecond'),
  ...spellings('sec secs', 'second'),
  ...spellings('min mins', 'minute'),
  ...spellings('hr hrs', 'hour'),
  ...spellings('kB KB', 'kilobyte'),
  ...spellings('MB', 'megabyte'),
  ...spellings('GB', 'gigabyte'),
  ...spellings('TB', 'terabyte'),
  ...spellings('Hz', 'hertz', 'hertz'),
  ...spellings('kHz', 'kilohertz', 'kilohertz'),
  ...spellings('MHz', 'megahertz', 'megahertz'),
  ...spellings('GHz', 'gigahertz', 'gigahertz'),
  ...spellings('kW', 'kilowatt'),
  ...spellings('kWh', 'kilowatt hour'),
  ...spellings('kcal', 'kilocalorie'),
  ...spellings('ft² ft2 sqft', 'square foot', 'square feet'),
  'sq ft': ['square foot', 'square feet'],
  ...spellings('m² m2 sqm', 'square meter'),
}
