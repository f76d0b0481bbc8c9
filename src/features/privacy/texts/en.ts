/** Every sentence of this feature that people read. */
export const en: Record<string, string> = {
  'privacy.permission.read': 'See privacy requests and processing records',
  'privacy.permission.write': 'Work on privacy requests and legal holds',
  'privacy.permission.manage': 'Change retention rules and processing records',
  'privacy.table.request': 'Privacy requests',
  'privacy.table.hold': 'Legal holds',
  'privacy.task.access': 'Privacy request: send their data by {{day}}',
  'privacy.task.portability': 'Privacy request: hand over their data by {{day}}',
  'privacy.task.erasure': 'Privacy request: erase by {{day}}',
  'privacy.task.objection': 'Privacy request: objection, answer by {{day}}',
  'privacy.task.change': 'Privacy request: correct their data by {{day}}',
  'privacy.task.note': 'Open it at {{link}}',
  'privacy.task.link': 'Send them the link to their choices',
  'privacy.task.link_note':
    'They asked for it on the page /p. Open the customer, Consent, Copy link, and send it to the address on file only.',
  'privacy.task.confirm': 'Send them the link that confirms their sign-up',
  'privacy.task.confirm_note':
    'They signed up for a topic that needs confirmation. Open the customer, Consent, and send the link to the address on file only.',
  'privacy.identity.mailbox_note': 'Opened the link to their own preference page',
  'privacy.table.run_person': 'Retention runs under way',
  'privacy.table.notice': 'Will be erased for silence',
  'privacy.job.retention': 'Taking away what is old',
  'privacy.task.inactive_one': 'One silent customer will be erased on {{day}}',
  'privacy.task.inactive_other': '{{count}} silent customers will be erased on {{day}}',
  'privacy.task.inactive_note': 'See who under Settings, Retention. Put a customer on hold to keep them.',
  'privacy.retention.inactive': 'Customers of whom nothing was heard',
  'privacy.retention.inactive_about':
    'Customers who were not seen, ordered nothing and said nothing for this long are erased, 14 days after staff were told. Orders stay for the books, without the person.',
  'privacy.retention.requests': 'Closed privacy requests',
  'privacy.retention.requests_about': 'Who asked and their words go; that a request was answered, and when, stays.',
};
