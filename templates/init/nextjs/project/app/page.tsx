export default function Page() {
  return <main>A project of its own.</main>;
}
