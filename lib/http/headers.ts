// placeholder until the http room lands
export class Headers {}
