export function App() {
  return <main>A project of its own.</main>;
}
