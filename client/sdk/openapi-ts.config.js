/** How `npm run generate` makes `generated/` from the contract. */
export default {
  input: 'openapi.yaml',
  output: {
    path: 'client/sdk/generated',
    header: ['// Generated from openapi.yaml by `npm run generate`. Do not edit.'],
    module: { extension: '.ts' },
    entryFile: false,
  },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
};
