/** Every sentence of this feature. */
export const en = {
  'connections.permission.read': 'See connections and how they are doing',
  'connections.permission.write': 'Connect shops, change and end connections',
  'connections.permission.raw': 'See deliveries as they came',

  'connections.error.uninstalled': 'The app was removed from {{name}}. Install it there again, or end this connection.',
  'connections.waiting.order': 'The order this is about has not arrived yet. It is tried again by itself.',
  'connections.waiting.customer': 'The customer this is about has not arrived yet. It is tried again by itself.',

  'connections.privacy.redact_reason': 'Asked for through {{name}}',
  'connections.privacy.shop_redact': 'Decide what happens to the data of {{name}}',
  'connections.privacy.shop_redact_note':
    'Shopify says the app has been gone from {{name}} for two days and asks that the shop’s data be erased. It is your own shop’s data: decide what is to stay, erase who must go, then end the connection.',

  'connections.table.record': 'Records in connected shops',
  'connections.table.delivery': 'Webhooks',
  'connections.table.write_back': 'Changes sent to connected shops',

  'connections.status.broken': 'Connections that stopped',
  'connections.status.waiting': 'Deliveries waiting to be worked',
  'connections.status.failed': 'Deliveries that failed',

  'connections.job.walk': 'Reading a connected shop',
  'connections.job.sweep': 'Nightly look back at connected shops',
  'connections.job.compare': 'Comparing sales with connected shops',
  'connections.job.heal-webhooks': 'Looking after webhooks',
  'connections.job.tidy': 'Forgetting old deliveries',

  'connections.refused.unsigned_detail': 'The delivery carries no signature. Send it with one.',
  'connections.refused.forged_detail':
    'The signature does not fit the body and the secret. Check the secret, and that nothing changes the body on its way.',
  'connections.refused.stale_detail': 'The delivery is too old, or from the future. Send a fresh one.',
  'connections.refused.wrong_shop_detail': 'The delivery belongs to another shop than this connection.',
  'connections.refused.unknown_topic_detail': 'This connection does not know the topic. Take the webhook away.',
  'connections.refused.unreadable_detail': 'The delivery could not be read.',
  'connections.refused.too_large_detail': 'The delivery is larger than this door accepts.',
  'connections.refused.paused_detail': 'The connection is paused. Send it again later.',

  'audit.connections.connected': 'Connected a shop',
  'audit.connections.changed': 'Changed a connection',
  'audit.connections.paused': 'Paused a connection',
  'audit.connections.resumed': 'Resumed a connection',
  'audit.connections.disconnected': 'Ended a connection',
  'audit.connections.redacted': 'A connected shop asked to erase somebody',
  'audit.connections.shop_redact_asked': 'A connected shop asked to erase its data',

  'connections.woocommerce.about':
    'Orders with their refunds, customers, products with variations; orders that wait for their payment as checkouts. From your own WordPress site.',
  'connections.woocommerce.step.1':
    'Sign in to WordPress as an administrator and open WooCommerce > Settings > Advanced > REST API.',
  'connections.woocommerce.step.2':
    'Choose "Add key". Describe it as "Regulars", leave yourself as the user, and choose the permissions "Read/Write".',
  'connections.woocommerce.step.3': 'Choose "Generate API key". WordPress shows the two keys once: leave that page open.',
  'connections.woocommerce.step.4':
    'Copy the address of your shop, the consumer key and the consumer secret into the fields here.',
  'connections.woocommerce.step.5': 'Choose "Connect". What is wrong is said at once; else your history begins to come in.',
  'connections.woocommerce.field.address': 'Address of your shop',
  'connections.woocommerce.field.address_hint': 'As in the browser, beginning with https://.',
  'connections.woocommerce.field.consumer_key': 'Consumer key',
  'connections.woocommerce.field.consumer_key_hint': 'Begins with ck_.',
  'connections.woocommerce.field.consumer_secret': 'Consumer secret',
  'connections.woocommerce.field.consumer_secret_hint': 'Begins with cs_. WordPress shows it only once.',
  'connections.woocommerce.field.webhook_secret': 'Secret of webhooks you make yourself',
  'connections.woocommerce.field.webhook_secret_hint': 'Leave it empty: Regulars makes its webhooks and their secret.',
  'connections.woocommerce.scope.write':
    'The key may only read. Changes then come by polling, within minutes, and nothing can be written back. A key with Read/Write does both.',
  'connections.woocommerce.write_back':
    'WooCommerce has no place of its own for consents and tags. They are written as meta data of the account: regulars_email_consent, regulars_sms_consent and regulars_tags. Other plugins see them only where they read these keys; guests have no account, so nothing is written for them.',
} as const;
