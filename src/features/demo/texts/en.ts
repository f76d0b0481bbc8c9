/** Every sentence of the demo shop that people read. */
export const en = {
  'demo.job.load': 'Bringing the demo shop in',
  'demo.job.remove': 'Removing the demo shop',
  'demo.permission.manage': 'Bring the demo shop in and remove it',
  'demo.page.title': 'Demo shop',
  'demo.page.description': 'A made-up coffee and tea shop to look around in',
  'demo.none.title': 'Look around with a shop that is already busy',
  'demo.none.text':
    'Kestrel & Finch sells coffee and tea: about 12,000 made-up customers and two years of orders, visits, parcels and reviews. It stands beside your own shop, sends nothing to anybody, and goes away without a trace.',
  'demo.load': 'Bring the demo shop in',
  'demo.loading': 'Bringing the demo shop in',
  'demo.loaded.title': 'The demo shop is here',
  'demo.loaded.text':
    '{{customers}} customers and {{orders}} orders of Kestrel & Finch are mixed in with your own figures. Everything of it is made up.',
  'demo.remove': 'Remove the demo shop',
  'demo.removing': 'Removing the demo shop',
  'demo.removed': 'The demo shop is gone.',
} as const;
