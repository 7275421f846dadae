/**
 * The report's one script, used where there is a recording: links that carry a moment (`data-seek`, seconds) play the
 * recording from there, and a line runs along the timeline while it plays. Without a recording that can be loaded,
 * the same links lead to their turn.
 */
export const seekScript = `
const audio = document.querySelector('audio')
const lines = document.querySelectorAll('[data-from]')
const follow = () => {
  const now = audio.currentTime
  for (const line of lines) {
    const { from, to } = line.dataset
    const head = line.querySelector('.playhead')
    const x = (now - from) / (to - from) * 100
    head.setAttribute('visibility', x >= 0 && x < 100 ? 'visible' : 'hidden')
    head.setAttribute('x1', x + '%')
    head.setAttribute('x2', x + '%')
  }
  if (!audio.paused) requestAnimationFrame(follow)
}
const lost = () => { document.querySelector('.lost').hidden = false }
audio.addEventListener('playing', follow)
audio.addEventListener('seeked', follow)
audio.addEventListener('error', lost)
if (audio.error) lost()
document.addEventListener('click', event => {
  const link = event.target.closest('[data-seek]')
  if (!link || audio.error || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  audio.currentTime = link.dataset.seek
  audio.play().catch(() => {})
})
`
