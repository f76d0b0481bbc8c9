/** Every sentence of this feature that people read. */
const texts: Record<string, string> = {
  'customers.export.customer': 'Profile',
  'customers.export.identifiers': 'Identifiers',
  'customers.export.seen': 'First and last seen',
  'customers.export.attributes': 'Attributes and where they came from',
  'customers.export.quality_issues': 'Values that did not fit',
  'customers.export.tags': 'Tags',
  'customers.export.notes': 'Notes by staff',
  'customers.export.addresses': 'Addresses',
  'customers.export.owner': 'Merged parts',
  'customers.export.touched': 'Pending updates',
  'customers.export.merges': 'Merges',
  'customers.export.suggestions': 'Possible duplicates',
};
export default texts;
