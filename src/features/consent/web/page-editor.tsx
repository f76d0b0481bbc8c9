/** The preference page: colour and words on one side, the page as it will look on the other, its versions below. */
import { Button, ColorInput, Modal, SegmentedControl, Stack, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconExternalLink } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import {
  type AnswerOf,
  type Column,
  CopyField,
  DataTable,
  EmptyState,
  Form,
  faultAt,
  Link,
  Loaded,
  NumberText,
  notifyDone,
  PageHeader,
  Panel,
  Rows,
  Split,
  TimeText,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './consent.module.css';

type Page = AnswerOf<'GET /api/consent/page'>;
type Words = { title?: string; intro?: string; contact?: string };

const PageEditor = () => {
  const t = useTexts();
  const page = useQueryOf('GET /api/consent/page', { query: {} });
  return (
    <>
      <PageHeader
        title={t('consent.editor.title')}
        description={t('consent.editor.description')}
        actions={
          <Button component={Link} to="/settings/topics" variant="default">
            {t('consent.topics.title')}
          </Button>
        }
      />
      <Loaded query={page}>{data => <Editor key={data.version} page={data} />}</Loaded>
    </>
  );
};
export default PageEditor;

const Editor = ({ page }: { page: Page }) => {
  const t = useTexts();
  const mayManage = useMay('consents:manage');
  const [language, setLanguage] = useState('en');
  const [width, setWidth] = useState('phone');
  const [colour, setColour] = useState(page.colour);
  const [texts, setTexts] = useState<Record<string, Words>>(page.texts);
  const save = useMutationOf('PUT /api/consent/page', {
    invalidates: ['/api/consent/page'],
    onSuccess: () => notifyDone(t('consent.editor.saved')),
  });
  const fits = /^#[0-9a-f]{6}$/.test(colour);
  const words = texts[language] ?? {};
  return (
    <Rows>
      <Split
        aside={
          <Rows>
            <Panel title={t('consent.editor.look')} description={t('consent.editor.look_why')}>
              <Form
                submit={t('consent.editor.save')}
                busy={save.isPending}
                disabled={!mayManage || !fits}
                error={save.error}
                shown={['colour', 'texts']}
                onSubmit={() => save.mutate({ query: {}, body: { version: page.version, colour, texts } })}
              >
                <Stack gap="md">
                  <ColorInput
                    withEyeDropper={false}
                    label={t('consent.editor.colour')}
                    value={colour}
                    onChange={value => setColour(value.toLowerCase())}
                    error={faultAt(save.error, 'colour')}
                    readOnly={!mayManage}
                  />
                  <SegmentedControl
                    aria-label={t('consent.editor.language')}
                    value={language}
                    onChange={setLanguage}
                    data={page.languages.map(one => ({ value: one.code, label: one.name }))}
                  />
                  <TextInput
                    label={t('consent.editor.heading')}
                    description={t('consent.editor.empty_is_ours')}
                    value={words.title ?? ''}
                    maxLength={120}
                    readOnly={!mayManage}
                    onChange={event => setTexts({ ...texts, [language]: { ...words, title: event.currentTarget.value } })}
                  />
                  <Textarea
                    label={t('consent.editor.intro')}
                    autosize
                    minRows={3}
                    value={words.intro ?? ''}
                    maxLength={600}
                    readOnly={!mayManage}
                    onChange={event => setTexts({ ...texts, [language]: { ...words, intro: event.currentTarget.value } })}
                  />
                  <Textarea
                    label={t('consent.editor.contact')}
                    autosize
                    minRows={2}
                    value={words.contact ?? ''}
                    maxLength={600}
                    readOnly={!mayManage}
                    onChange={event => setTexts({ ...texts, [language]: { ...words, contact: event.currentTarget.value } })}
                  />
                </Stack>
              </Form>
            </Panel>
            <Panel title={t('consent.editor.address')} description={t('consent.editor.address_why')}>
              <CopyField label={t('consent.editor.address')} value={page.address} />
              <Button
                mt="sm"
                variant="default"
                component="a"
                href={page.address}
                target="_blank"
                rel="noreferrer"
                leftSection={<IconExternalLink size={16} aria-hidden />}
              >
                {t('consent.editor.open')}
              </Button>
            </Panel>
          </Rows>
        }
      >
        <Panel
          title={t('consent.editor.preview')}
          description={t('consent.editor.preview_why')}
          actions={
            <SegmentedControl
              aria-label={t('consent.editor.width')}
              value={width}
              onChange={setWidth}
              data={(['phone', 'desktop'] as const).map(one => ({ value: one, label: t(`consent.editor.${one}`) }))}
            />
          }
        >
          <Preview draft={{ language, texts, ...(fits ? { colour } : {}) }} wide={width === 'desktop'} />
        </Panel>
      </Split>
      <Versions page={page} />
    </Rows>
  );
};

type Draft = { language: string; texts: Record<string, Words>; colour?: string };

const Preview = ({ draft, wide }: { draft: Draft; wide: boolean }) => {
  const t = useTexts();
  const [settled] = useDebouncedValue(JSON.stringify(draft), 250);
  const preview = useMutationOf('POST /api/consent/page/preview');
  const { mutate } = preview;
  useEffect(() => mutate({ query: {}, body: JSON.parse(settled) as Draft }), [mutate, settled]);
  const [html, setHtml] = useState('');
  useEffect(() => {
    if (preview.data) setHtml(preview.data.html);
  }, [preview.data]);
  return (
    <iframe
      title={t('consent.editor.preview')}
      className={classes.preview}
      data-wide={wide || undefined}
      // Without scripts and forms: nothing in it does anything.
      sandbox="allow-same-origin"
      srcDoc={html}
    />
  );
};

const Versions = ({ page }: { page: Page }) => {
  const t = useTexts();
  const [open, setOpen] = useState<string | null>(null);
  const columns: Column<Page['wordings'][number]>[] = [
    {
      key: 'version',
      title: t('consent.editor.version'),
      card: 'title',
      render: one => (
        <Button variant="transparent" px={0} size="compact-sm" onClick={() => setOpen(one.version)}>
          <bdi>{one.version}</bdi>
        </Button>
      ),
    },
    { key: 'language', title: t('consent.editor.language'), render: one => t(`consent.language.${one.language}`) },
    { key: 'made', title: t('consent.editor.made'), render: one => <TimeText value={one.made_at} style="time" /> },
    { key: 'by', title: t('consent.editor.by'), render: one => <bdi>{one.made_by}</bdi> },
    { key: 'used', title: t('consent.editor.used'), align: 'end', render: one => <NumberText value={one.used} /> },
  ];
  return (
    <Panel title={t('consent.editor.versions')} description={t('consent.editor.versions_why')} flush>
      <DataTable
        name="consent-wordings"
        label={t('consent.editor.versions')}
        list={{ rows: page.wordings }}
        rowKey={one => one.version}
        columns={columns}
        plain
        empty={<EmptyState title={t('consent.editor.versions')} order={3} />}
      />
      {open && <Wording version={open} onClose={() => setOpen(null)} />}
    </Panel>
  );
};

/** The words of one version, as people saw them. */
const Wording = ({ version, onClose }: { version: string; onClose: () => void }) => {
  const t = useTexts();
  const wording = useQueryOf('GET /api/consent/wordings/:version', { params: { version } });
  return (
    <Modal opened onClose={onClose} size="lg" title={version} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Loaded query={wording}>
        {data => (
          <ol className={classes.lines} lang={data.language}>
            {data.lines.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ol>
        )}
      </Loaded>
    </Modal>
  );
};
