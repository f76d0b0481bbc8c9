/** What a shop's owner pastes to let pages and servers tell Regulars. Pure. */

export type SnippetInput = { host: string; writeKey: string };

/**
 * The loader keeps calls made before the file is there, and starts once however often it stands in the page. The names are those of
 * src/storefront/index.ts.
 */
const loader = ({ host, writeKey }: SnippetInput): string =>
  `<script>
!function(w,d,u,k){var r=w.regulars=w.regulars||[];if(r.load)return;
"load identify track page reset consent ready".split(" ").forEach(function(m){
r[m]=function(){r.push([m].concat([].slice.call(arguments)))}});
var s=d.createElement("script");s.async=1;s.src=u+"/regulars.js";d.head.appendChild(s);
r.load(k);r.page()}(window,document,"${host}","${writeKey}");
</script>`;

const shopify = (input: SnippetInput): string => `${loader(input)}
{% if customer %}
{% assign expires = 'now' | date: '%s' | plus: 86400 %}
{% capture who %}{{ expires }}:{{ customer.email }}:{{ customer.id }}{% endcapture %}
<script>
regulars.identify("{{ customer.id }}", { email: {{ customer.email | json }}, firstName: {{ customer.first_name | json }} },
  { signature: "{{ expires }}.{{ who | hmac_sha256: 'YOUR_SIGNING_SECRET' }}" });
</script>
{% endif %}`;

const wooCommerce = ({
  host,
  writeKey,
}: SnippetInput): string => `// In your theme's functions.php, or a snippet plugin. The secret belongs into wp-config.php:
//   define('REGULARS_SIGNING_SECRET', 'YOUR_SIGNING_SECRET');
add_action('wp_enqueue_scripts', function () {
  wp_enqueue_script('regulars', '${host}/regulars.js', [], null, ['strategy' => 'async']);
});
add_filter('script_loader_tag', function ($tag, $handle) {
  return $handle === 'regulars' ? str_replace(' src=', ' data-write-key="${writeKey}" src=', $tag) : $tag;
}, 10, 2);
add_action('wp_footer', function () {
  $user = wp_get_current_user();
  if (!$user->exists()) return;
  $expires = time() + 86400;
  $signature = $expires . '.' . hash_hmac('sha256', "$expires:{$user->user_email}:{$user->ID}", REGULARS_SIGNING_SECRET);
  $call = ['identify', ['userId' => (string) $user->ID, 'signature' => $signature,
    'traits' => ['email' => $user->user_email, 'firstName' => $user->first_name]]];
  echo '<script>(r => r.identify ? r.identify(' . wp_json_encode($call[1]) . ') : r.push(' . wp_json_encode($call) .
    '))(window.regulars = window.regulars || [])</script>';
});`;

/** Ready to paste, by kind of shop. */
export const snippetCode = (input: SnippetInput) => ({
  custom: loader(input),
  tag: `<script src="${input.host}/regulars.js" data-write-key="${input.writeKey}" async></script>`,
  shopify: shopify(input),
  woocommerce: wooCommerce(input),
});

/** How a shop's server vouches for who is logged in, by language. */
export const signingCode = {
  node: `import { createHmac } from 'node:crypto';

const signShopper = (userId, email = '') => {
  const expires = Math.floor(Date.now() / 1000) + 24 * 3600;
  const digest = createHmac('sha256', process.env.REGULARS_SIGNING_SECRET)
    .update(\`\${expires}:\${email}:\${userId}\`).digest('hex');
  return \`\${expires}.\${digest}\`;
};
// In the page: regulars.identify('1001', { email: 'ana@example.com' }, { signature });`,
  php: `function sign_shopper(string $userId, string $email = ''): string {
  $expires = time() + 24 * 3600;
  return $expires . '.' . hash_hmac('sha256', "$expires:$email:$userId", getenv('REGULARS_SIGNING_SECRET'));
}`,
  liquid: `{% assign expires = 'now' | date: '%s' | plus: 86400 %}
{% capture who %}{{ expires }}:{{ customer.email }}:{{ customer.id }}{% endcapture %}
{{ expires }}.{{ who | hmac_sha256: 'YOUR_SIGNING_SECRET' }}`,
} as const;
