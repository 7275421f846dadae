export function App() {
  return <h1>App</h1>;
}
