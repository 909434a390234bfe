import tseslint from 'typescript-eslint';

// The two edges that parse what comes from outside (a disk, a socket) may say what type it has.
const edges = [
  'log/codec.ts',
  'log/json-file.ts',
  'http/**/*.ts',
  '*/routes.ts',
  '*/*-routes.ts',
  'coordinator/reply.ts',
  'participant/replies.ts',
  'client/lab/routes.ts',
  'client/scenarios/log-reader.ts',
  'client/postman/contract.ts',
  'client/console/api.ts',
];

const emptyArray = 'ArrayExpression[elements.length=0]';
const named = { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' };

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.tap/', '**/generated/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './client/console/tsconfig.json'] },
    },
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-len': ['error', { code: 100, ignoreUrls: true, ignoreTemplateLiterals: false }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', named],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // A field is left out of a copy by naming it beside the rest.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: edges,
    rules: { '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }] },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      'no-restricted-syntax': [
        'error',
        named,
        {
          selector:
            "CallExpression[callee.property.name='match'] > .arguments:nth-child(2)" +
            `:matches(${emptyArray}, :has(${emptyArray}))`,
          message: 'As a pattern, [] matches any array: use `nothing`.',
        },
      ],
      // A subtest is async so that it ends by itself, also when it has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  // Tools ask for a default export in their settings, and only there.
  { files: ['**/*.js', 'client/console/vite.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
