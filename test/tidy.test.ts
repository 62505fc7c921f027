/** Guards the code itself: which way imports point, that every file says what it is for, and that nothing is left over. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { fidelityPage } from '../scripts/list-fidelity.ts'
import { needlessExcuses, unreadParameters } from '../scripts/list-unread-parameters.ts'

const ROOT = resolve(import.meta.dirname, '..')
const LAYERS = [
  'core',
  'state',
  'wire',
  'policy',
  'network',
  'compute',
  'services',
  'server',
  'cloud.ts',
  'start-cloud.ts',
  'crossing',
  'cli',
]
/** These never meet: `cloud.ts` introduces them. */
const STRANGERS = ['policy', 'network', 'compute']
/** The crossing half talks AWS APIs only, so it may use the pure parts of the cloud half and nothing else of it. */
const CROSSING_MAY_IMPORT = ['core', 'policy', 'network', 'crossing']
const PURE = ['wire/', 'policy/', 'network/plan/']
const IMPURE_MODULES = /^node:(fs|net|http|https|child_process|dgram|worker_threads|cluster)(\/|$)/

interface SourceFile {
  /** Relative to `src`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
}

const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path): SourceFile => {
    const text = readFileSync(join(ROOT, 'src', path), 'utf8')
    return {
      path,
      text,
      imports: [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? ''),
    }
  })
const shipped = files.filter(({ path }) => !path.endsWith('.test.ts'))

function layerOf(path: string): string {
  return path.split('/')[0] ?? path
}

/** The layer an import of ours points at, or undefined for a package. */
function importedLayer(file: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith('.')
    ? layerOf(relative(join(ROOT, 'src'), resolve(dirname(join(ROOT, 'src', file.path)), specifier)))
    : undefined
}

describe('the source tree', () => {
  it('has no import that points up the layers', () => {
    const upward = shipped.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const target = importedLayer(file, specifier)
        if (target === undefined || target === layerOf(file.path)) return []
        const from = layerOf(file.path)
        const points = LAYERS.indexOf(target) > LAYERS.indexOf(from)
        const meets = STRANGERS.includes(from) && STRANGERS.includes(target)
        const strays = from === 'crossing' && !CROSSING_MAY_IMPORT.includes(target)
        return points || meets || strays ? [`${file.path} imports ${specifier}`] : []
      }),
    )
    expect(upward).toEqual([])
  })

  it('knows the layer of every folder', () => {
    expect(readdirSync(join(ROOT, 'src')).filter((name) => !LAYERS.includes(name))).toEqual([])
  })

  it('keeps the wire, the policy language and the plan of the network free of input and output', () => {
    const impure = shipped
      .filter(({ path }) => PURE.some((folder) => path.startsWith(folder)))
      .flatMap(({ path, imports }) =>
        imports.filter((name) => IMPURE_MODULES.test(name)).map((name) => `${path}: ${name}`),
      )
    expect(impure).toEqual([])
  })

  it('says in the first line of every file what the file is for', () => {
    expect(files.filter(({ text }) => !text.startsWith('/**')).map(({ path }) => path)).toEqual([])
  })

  it('has a README of at most 40 lines in every layer and every service', () => {
    const folders = [...LAYERS.filter((name) => !name.endsWith('.ts')), ...servicesFolders()]
    const wrong = folders
      .filter((folder) => existsSync(join(ROOT, 'src', folder)))
      .filter((folder) => {
        const readme = join(ROOT, 'src', folder, 'README.md')
        return !existsSync(readme) || readFileSync(readme, 'utf8').trimEnd().split('\n').length > 40
      })
    expect(wrong).toEqual([])
  })

  it('takes time, timers and randomness from the clock and the ids', () => {
    const banned = /\bDate\.now\(|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(/
    // Runtime clients run inside the function's process, and the crossing half and the CLI run on the person's own clock.
    const exempt = /^core\/clock\.ts$|^compute\/runtimes\/|^cli\/|^crossing\//
    expect(
      shipped
        .filter(({ path, text }) => !exempt.test(path) && banned.test(withoutComments(text)))
        .map(({ path }) => path),
    ).toEqual([])
  })

  it('has no left-over notes and no banned names', () => {
    expect(files.filter(({ text }) => /\b(TODO|FIXME|XXX)\b/.test(text)).map(({ path }) => path)).toEqual([])
    expect(
      files
        .filter(({ path }) => /(^|\/)(utils?|helpers?|common|shared|types|constants)(\.ts|\/)/.test(path))
        .map(({ path }) => path),
    ).toEqual([])
  })
})

describe('the operations', () => {
  it('read or refuse every parameter', async () => {
    expect(await unreadParameters()).toEqual([])
    expect(await needlessExcuses()).toEqual([])
  })
})

describe('the documentation', () => {
  it('lists every difference from AWS that the sources mark, and every operation', async () => {
    expect(readFileSync(join(ROOT, 'docs', 'fidelity.md'), 'utf8')).toBe(await fidelityPage())
  })

  it('has no link to a file that does not exist', () => {
    const pages = [
      ...markdownFiles('.'),
      ...markdownFiles('docs'),
      ...markdownFiles('examples'),
      ...markdownFiles('src'),
    ]
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !existsSync(resolve(ROOT, dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    )
    expect(dead).toEqual([])
  })
})

function servicesFolders(): readonly string[] {
  return readdirSync(join(ROOT, 'src', 'services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join('services', name))
}

function markdownFiles(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join(folder, path))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
}
