import type { GatsbyConfig } from 'gatsby';

const config: GatsbyConfig = { siteMetadata: { title: 'App' } };

export default config;
