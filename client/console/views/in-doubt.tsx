export function InDoubt() {
  return <h1>InDoubt</h1>;
}
