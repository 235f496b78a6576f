import { tuiIconsProvider } from '@taiga-ui/core'
import arrowDown from '@taiga-ui/icons/src/arrow-down.svg' with { loader: 'text' }
import bell from '@taiga-ui/icons/src/bell.svg' with { loader: 'text' }
import check from '@taiga-ui/icons/src/check.svg' with { loader: 'text' }
import chevronLeft from '@taiga-ui/icons/src/chevron-left.svg' with { loader: 'text' }
import chevronRight from '@taiga-ui/icons/src/chevron-right.svg' with { loader: 'text' }
import circleAlert from '@taiga-ui/icons/src/circle-alert.svg' with { loader: 'text' }
import circleCheck from '@taiga-ui/icons/src/circle-check.svg' with { loader: 'text' }
import circleX from '@taiga-ui/icons/src/circle-x.svg' with { loader: 'text' }
import copy from '@taiga-ui/icons/src/copy.svg' with { loader: 'text' }
import cpu from '@taiga-ui/icons/src/cpu.svg' with { loader: 'text' }
import download from '@taiga-ui/icons/src/download.svg' with { loader: 'text' }
import ellipsis from '@taiga-ui/icons/src/ellipsis.svg' with { loader: 'text' }
import externalLink from '@taiga-ui/icons/src/external-link.svg' with { loader: 'text' }
import eye from '@taiga-ui/icons/src/eye.svg' with { loader: 'text' }
import eyeOff from '@taiga-ui/icons/src/eye-off.svg' with { loader: 'text' }
import globe from '@taiga-ui/icons/src/globe.svg' with { loader: 'text' }
import hardDrive from '@taiga-ui/icons/src/hard-drive.svg' with { loader: 'text' }
import info from '@taiga-ui/icons/src/info.svg' with { loader: 'text' }
import layoutGrid from '@taiga-ui/icons/src/layout-grid.svg' with { loader: 'text' }
import link from '@taiga-ui/icons/src/link.svg' with { loader: 'text' }
import logOut from '@taiga-ui/icons/src/log-out.svg' with { loader: 'text' }
import minus from '@taiga-ui/icons/src/minus.svg' with { loader: 'text' }
import monitor from '@taiga-ui/icons/src/monitor.svg' with { loader: 'text' }
import moon from '@taiga-ui/icons/src/moon.svg' with { loader: 'text' }
import packagePlus from '@taiga-ui/icons/src/package-plus.svg' with { loader: 'text' }
import pause from '@taiga-ui/icons/src/pause.svg' with { loader: 'text' }
import play from '@taiga-ui/icons/src/play.svg' with { loader: 'text' }
import plus from '@taiga-ui/icons/src/plus.svg' with { loader: 'text' }
import qrCode from '@taiga-ui/icons/src/qr-code.svg' with { loader: 'text' }
import rotateCw from '@taiga-ui/icons/src/rotate-cw.svg' with { loader: 'text' }
import search from '@taiga-ui/icons/src/search.svg' with { loader: 'text' }
import settings from '@taiga-ui/icons/src/settings.svg' with { loader: 'text' }
import shield from '@taiga-ui/icons/src/shield.svg' with { loader: 'text' }
import shuffle from '@taiga-ui/icons/src/shuffle.svg' with { loader: 'text' }
import sparkles from '@taiga-ui/icons/src/sparkles.svg' with { loader: 'text' }
import square from '@taiga-ui/icons/src/square.svg' with { loader: 'text' }
import sun from '@taiga-ui/icons/src/sun.svg' with { loader: 'text' }
import trash from '@taiga-ui/icons/src/trash.svg' with { loader: 'text' }
import triangleAlert from '@taiga-ui/icons/src/triangle-alert.svg' with { loader: 'text' }
import wifiOff from '@taiga-ui/icons/src/wifi-off.svg' with { loader: 'text' }
import x from '@taiga-ui/icons/src/x.svg' with { loader: 'text' }

/**
 * The icons of the interface and of Taiga’s own controls, compiled in: a house without internet sees them
 * too. A test checks that none is missing and none is left over.
 */
export const ICONS: Record<string, string> = {
  '@tui.arrow-down': arrowDown,
  '@tui.bell': bell,
  '@tui.check': check,
  '@tui.chevron-left': chevronLeft,
  '@tui.chevron-right': chevronRight,
  '@tui.circle-alert': circleAlert,
  '@tui.circle-check': circleCheck,
  '@tui.circle-x': circleX,
  '@tui.copy': copy,
  '@tui.cpu': cpu,
  '@tui.download': download,
  '@tui.ellipsis': ellipsis,
  '@tui.external-link': externalLink,
  '@tui.eye': eye,
  '@tui.eye-off': eyeOff,
  '@tui.globe': globe,
  '@tui.hard-drive': hardDrive,
  '@tui.info': info,
  '@tui.layout-grid': layoutGrid,
  '@tui.link': link,
  '@tui.log-out': logOut,
  '@tui.minus': minus,
  '@tui.monitor': monitor,
  '@tui.moon': moon,
  '@tui.package-plus': packagePlus,
  '@tui.pause': pause,
  '@tui.play': play,
  '@tui.plus': plus,
  '@tui.qr-code': qrCode,
  '@tui.rotate-cw': rotateCw,
  '@tui.search': search,
  '@tui.settings': settings,
  '@tui.shield': shield,
  '@tui.shuffle': shuffle,
  '@tui.sparkles': sparkles,
  '@tui.square': square,
  '@tui.sun': sun,
  '@tui.trash': trash,
  '@tui.triangle-alert': triangleAlert,
  '@tui.wifi-off': wifiOff,
  '@tui.x': x,
}

export const iconsProvider = tuiIconsProvider(ICONS)
