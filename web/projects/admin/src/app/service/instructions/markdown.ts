import { Marked } from 'marked'

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Tags and comments of raw HTML; the words between them stay. */
const TAG = /<!--[\s\S]*?-->|<\/?[a-z][^>]*>/gi

const MARKED = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escape(text.replace(TAG, '')),
    /** The page has its own first heading. */
    heading({ tokens, depth }) {
      const level = Math.min(depth + 1, 6)
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`
    },
    /** Only links that lead somewhere from here; they open beside the page. */
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens)
      if (!/^(?:https?:\/\/|mailto:)/i.test(href)) return text
      return `<a href="${escape(href)}" target="_blank" rel="noopener noreferrer">${text}</a>`
    },
    /** Nothing is fetched because a package says so. */
    image: ({ text }) => escape(text),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
})

/** HTML of a package’s markdown: raw HTML in it is not passed through, and images give way to their texts. */
export function markdownToHtml(markdown: string): string {
  return MARKED.parse(markdown, { async: false })
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
