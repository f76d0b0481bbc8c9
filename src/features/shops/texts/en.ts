/** Every sentence of this feature. */
export const en = {
  'shops.permission.write': 'Change the organisation and its shops',

  'shops.page.title': 'Organisation and shops',
  'shops.page.description': 'Your business, its currency and its time, and where it sells.',
  'shops.organisation': 'Organisation',
  'shops.name': 'Name',
  'shops.home_currency': 'Home currency',
  'shops.home_currency_hint': 'Sales of all shops are added up in it.',
  'shops.zone': 'Time zone',
  'shops.zone_hint': 'Days, weeks and months are those of this place.',
  'shops.save': 'Save',
  'shops.saved': 'Saved.',

  'shops.as_of.title': 'The day everything is read as of',
  'shops.as_of.hint':
    'Who is slipping away depends on the day one looks from. With live orders that is today. With an old file it is better to look from its last day.',
  'shops.as_of.today': 'Today, as orders come in',
  'shops.as_of.past': 'A day in the past',
  'shops.as_of.day': 'Day',
  'shops.as_of.proposal':
    'Your newest order is of {{day}}. Read everything as of that day? As of today almost everybody would look lost.',
  'shops.as_of.accept': 'Read as of {{day}}',
  'shops.as_of.decline': 'Keep today',

  'shops.shops': 'Shops',
  'shops.shops_hint': 'A shop is one store front or till, with its own currency and time. Orders belong to a shop.',
  'shops.add': 'Add a shop',
  'shops.add_submit': 'Add the shop',
  'shops.edit': 'Change',
  'shops.edit_label': 'Change {{name}}',
  'shops.kind': 'Kind',
  'shops.kind.shop': 'Online shop',
  'shops.kind.till': 'Till',
  'shops.kind.demo': 'Demo shop',
  'shops.currency': 'Currency',
  'shops.default': 'Default',

  'audit.shops.organisation_changed': 'Changed the organisation',
  'audit.shops.shop_made': 'Added a shop',
  'audit.shops.shop_changed': 'Changed a shop',
  'audit.shops.demo_removed': 'Removed the demo shop',
} as const;
