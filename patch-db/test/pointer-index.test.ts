import { describe, expect, it } from 'vitest'
import { PointerIndex } from '../src/pointer-index.ts'

function filed(...paths: string[][]): PointerIndex<string> {
  const index = new PointerIndex<string>()
  for (const path of paths) index.add(path, path.join('/'))
  return index
}

function found(index: PointerIndex<string>, path: string[]): string[] {
  const all = new Set<string>()
  index.collect(path, all)
  return [...all].sort()
}

describe('the index of pointers', () => {
  it('finds those at, above and below a change, and no others', () => {
    const index = filed([], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'x'], ['ab'])
    expect(found(index, ['a', 'b'])).toEqual(['', 'a', 'a/b', 'a/b/c'])
    expect(found(index, ['a', 'b', 'c', 'd'])).toEqual(['', 'a', 'a/b', 'a/b/c'])
    expect(found(index, [])).toEqual(['', 'a', 'a/b', 'a/b/c', 'a/x', 'ab'])
  })

  it('finds all elements where an array may have shifted', () => {
    const index = filed(['list', '0'], ['list', '7', 'id'], ['other', '0'])
    expect(found(index, ['list', '3'])).toEqual(['list/0', 'list/7/id'])
    expect(found(index, ['list', '-'])).toEqual(['list/0', 'list/7/id'])
  })

  it('keeps nothing of what was released, even where nothing ever changes', () => {
    const index = filed(['a', 'b', 'c'], ['a', 'b'])
    index.delete(['a', 'b', 'c'], 'a/b/c')
    expect(found(index, [])).toEqual(['a/b'])
    index.delete(['a', 'b'], 'a/b')
    index.delete(['never', 'there'], 'x')
    expect(found(index, [])).toEqual([])
  })
})
