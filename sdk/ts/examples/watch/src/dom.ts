// Elements from code, with text that is never read as markup.

type Child = Node | string;
interface Attributes {
	[name: string]: string | number | boolean | undefined;
}

/** The element of this id, which is in index.html. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
	const found = document.getElementById(id);
	if (!found) throw new Error(`index.html has no #${id}`);
	return found as T;
}

export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
	const made = document.createElement(tag);
	setAttributes(made, attributes);
	made.append(...children);
	return made;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
	const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
	setAttributes(made, attributes);
	made.append(...children);
	return made;
}

function setAttributes(made: Element, attributes: Attributes): void {
	for (const [name, value] of Object.entries(attributes)) {
		if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
	}
}

/** A bar of a share of its width. */
export function bar(share: number): HTMLElement {
	const fill = h('span', { class: 'fill' });
	fill.style.width = `${Math.min(Math.max(share, 0), 1) * 100}%`;
	return h('span', { class: 'bar', 'aria-hidden': 'true' }, fill);
}

/** Terms and what they are. */
export function facts(entries: readonly (readonly [string, string])[]): HTMLElement {
	return h('dl', {}, ...entries.map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))));
}

export function table(heads: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
	const cells = (row: readonly Child[]) =>
		row.map((cell, column) => (column === 0 ? h('th', { scope: 'row' }, cell) : h('td', {}, cell)));
	return h(
		'div',
		{ class: 'scroll' },
		h(
			'table',
			{},
			h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
			h('tbody', {}, ...rows.map((row) => h('tr', {}, ...cells(row)))),
		),
	);
}

/**
 * Puts elements into a place, if that changes what is there: nobody is read again what he heard, and who has the
 * keyboard on a link or button keeps it.
 */
export function fill(place: HTMLElement, ...children: Child[]): void {
	const made = h('div', {}, ...children);
	if (made.innerHTML === place.innerHTML) return;
	const held = place.contains(document.activeElement) ? document.activeElement : null;
	const name = held?.getAttribute('href') ?? held?.id;
	place.replaceChildren(...made.childNodes);
	const again = [...place.querySelectorAll<HTMLElement>('a, button')].find(
		(control) => name && (control.getAttribute('href') ?? control.id) === name,
	);
	again?.focus();
}
