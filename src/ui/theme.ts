import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The one accent colour. */
const accent: MantineColorsTuple = [
  '#eef0ff',
  '#dfe3fe',
  '#c3caf9',
  '#a2adf5',
  '#818eef',
  '#6472e8',
  '#4d5ce0',
  '#3d4acb',
  '#333ea8',
  '#272f80',
];
/** 0 text ... 7 surface, 8 page: the greys of the dark scheme. */
const dark: MantineColorsTuple = [
  '#e4e7ed',
  '#c5cad4',
  '#a4acba',
  '#7f8897',
  '#474d59',
  '#373d48',
  '#272c35',
  '#1c2027',
  '#14161b',
  '#0e1013',
];
const gray: MantineColorsTuple = [
  '#f6f7fb',
  '#eff1f6',
  '#e4e7ee',
  '#d5d9e2',
  '#bcc2ce',
  '#959dac',
  '#6b7484',
  '#4f5867',
  '#353c48',
  '#1c222c',
];

/** Facts behind each choice: shared experience with axe at 1440 and 390 px in both schemes; see README. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, dark, gray },
  black: '#171b22',
  autoContrast: true,
  luminanceThreshold: 0.35,
  respectReducedMotion: true,
  cursorType: 'pointer',
  defaultRadius: 'md',
  fontFamily: "'Inter Variable', Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, 'Cascadia Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '0.78rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  headings: {
    fontWeight: '680',
    textWrap: 'balance',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.25' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
      h4: { fontSize: '0.9375rem', lineHeight: '1.45' },
      h5: { fontSize: '0.875rem', lineHeight: '1.45' },
      h6: { fontSize: '0.8125rem', lineHeight: '1.45' },
    },
  },
  components: {
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 'lg' } },
    Badge: { defaultProps: { variant: 'light', radius: 'xl', tt: 'none', fw: 600 } },
    Button: { defaultProps: { size: 'sm' } },
    Card: { defaultProps: { withBorder: true, radius: 'lg', padding: 'md' } },
    Paper: { defaultProps: { radius: 'lg' } },
    Drawer: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
    InputWrapper: { styles: { label: { marginBottom: 4 }, description: { marginBottom: 6 } } },
    Menu: {
      defaultProps: {
        // Without a focus placeholder the first item is not announced twice.
        withInitialFocusPlaceholder: false,
        shadow: 'md',
        radius: 'md',
        // Inside the page's landmark, not at the end of the body.
        portalProps: { target: '#main' },
      },
    },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.45 },
        // The <header> of a dialog is not a second banner of the page.
        attributes: { header: { role: 'presentation' } },
      },
      styles: { title: { fontWeight: 650, fontSize: 'var(--mantine-font-size-lg)' } },
    },
    // The inner scroll area of a Select is focusable without a name: scroll the list itself.
    Select: { defaultProps: { withScrollArea: false, allowDeselect: false, comboboxProps: { shadow: 'md' } } },
    SegmentedControl: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm', autosize: true, minRows: 2 } },
    Table: { defaultProps: { verticalSpacing: 'xs' } },
    Tabs: { defaultProps: { keepMounted: false } },
    Tooltip: {
      defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: true } },
    },
  },
});

/** Darker dimmed and placeholder colours than Mantine's, so that every text reaches 4.5 : 1 on page and surface. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#596273',
    '--mantine-color-placeholder': '#667080',
    '--mantine-color-default-border': '#d5d9e2',
    '--mantine-color-anchor': '#3540b8',
    '--mantine-color-error': '#b42318',
  },
  dark: {
    '--mantine-color-body': '#1c2027',
    '--mantine-color-dimmed': '#a9b0be',
    '--mantine-color-placeholder': '#949dad',
    '--mantine-color-default': '#272c35',
    '--mantine-color-default-border': '#3a404b',
    '--mantine-color-anchor': '#a2adf5',
    '--mantine-color-error': '#ff9a92',
  },
});
