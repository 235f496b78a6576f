import { describe, expect, it } from 'vitest'
import { markdownToHtml } from './markdown.ts'

describe('markdown of a package', () => {
  it('becomes headings below that of the page, and lists', () => {
    expect(markdownToHtml('# First steps\n\n1. Start it')).toBe(
      '<h2>First steps</h2>\n<ol>\n<li>Start it</li>\n</ol>\n',
    )
  })

  it.each([
    ['a script', '<script>alert(1)</script>', 'script'],
    ['a handler in a line', 'Look <img src=x onerror=alert(1)> here', 'onerror'],
    ['a tag that never ends', '<img src=x onerror="alert(1)"\n', '<img'],
    ['a link that runs', '[press](javascript:alert(1))', 'javascript'],
    ['a quote in a link', '[x](https://a.example/"onclick="y)', '"onclick'],
  ])('passes %s on to nobody', (_, markdown, bad) => {
    expect(markdownToHtml(markdown)).not.toContain(bad)
  })

  it('keeps the words between raw tags', () => {
    expect(markdownToHtml('Press <b>Start</b> <!-- soon --> now')).toBe('<p>Press Start  now</p>\n')
  })

  it('opens links beside the page', () => {
    expect(markdownToHtml('[site](https://example.org/?a=1&b=2)')).toContain(
      '<a href="https://example.org/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">site</a>',
    )
  })

  it('fetches no picture, and says what it would show', () => {
    expect(markdownToHtml('![the login page](https://example.org/x.png)')).toBe('<p>the login page</p>\n')
  })
})
